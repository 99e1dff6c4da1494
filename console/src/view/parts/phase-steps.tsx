// The phases of a round as steps, with the one it is at.
import type { JSX } from 'preact';
import type { RoundPhase } from '../../model/documents.ts';
import { toPhaseSteps } from '../../model/job-view.ts';

const SPOKEN = { done: 'done', now: 'under way', ahead: 'ahead' } as const;

export function PhaseSteps({ phase }: { phase: RoundPhase }): JSX.Element {
  return (
    <ol class="steps" aria-label="Phases of the round">
      {toPhaseSteps(phase).map(({ word, meaning, state }) => (
        <li key={word} class={state} title={meaning} aria-current={state === 'now' ? 'step' : undefined}>
          {word}
          <span class="spoken">, {SPOKEN[state]}</span>
        </li>
      ))}
    </ol>
  );
}
