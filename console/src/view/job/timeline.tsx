// Rounds as bars of phases on one scale: the longer a bar, the longer the round took.
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { toClock, toDuration, toList } from '../../model/format.ts';
import type { AttemptView } from '../../model/round-timeline.ts';
import { awaitedWord, PHASES, PHASE_ORDER } from '../../model/words.ts';
import { Badge } from '../parts/basics.tsx';

const FIRST = 12;

export function PhaseLegend(): JSX.Element {
  return (
    <ul class="legend">
      {PHASE_ORDER.map((phase) => (
        <li key={phase} title={PHASES[phase].meaning}>
          <span class={`swatch segment ${phase}`} aria-hidden="true" />
          {PHASES[phase].word}
        </li>
      ))}
    </ul>
  );
}

export function Timeline({ attempts }: { attempts: readonly AttemptView[] }): JSX.Element {
  const isWhole = useSignal(false);
  const shown = isWhole.value ? attempts : attempts.slice(0, FIRST);
  return (
    <>
      <ol class="timeline">
        {shown.map((attempt) => (
          <Attempt key={attempt.key} attempt={attempt} />
        ))}
      </ol>
      {attempts.length > shown.length && (
        <p class="more">
          <button type="button" onClick={() => (isWhole.value = true)}>
            Show all {attempts.length}
          </button>
        </p>
      )}
    </>
  );
}

function Attempt({ attempt }: { attempt: AttemptView }): JSX.Element {
  const { name, state, segments, contributors, leftOut, awaited, failure, isOver } = attempt;
  return (
    <li data-round={attempt.round} data-phase={state.word}>
      <div class="attempt-head">
        <strong>{name}</strong>
        {attempt.attempt > 1 && <span class="muted">attempt {attempt.attempt}</span>}
        <Badge word={state.word} tone={state.tone} />
        <span class="muted when">
          {toClock(attempt.startedMs)} · {toDuration(attempt.milliseconds)}
        </span>
      </div>
      <div class="bar" role="img" aria-label={attempt.spoken} style={{ width: `${attempt.length * 100}%` }}>
        {segments.map(({ phase, width, text }) => (
          <span key={phase} class={`segment ${phase}`} style={{ width: `${width * 100}%` }} title={text} />
        ))}
      </div>
      <div class="who-is-in">
        {contributors.length > 0 && (
          <p>
            <span class="muted">In:</span> {toList(contributors, 8)}
          </p>
        )}
        {leftOut.map(({ site, why }) => (
          <p key={`${site} ${why}`} class="left-out">
            <span class="muted">Not in:</span> {site}, {why}
          </p>
        ))}
        {!isOver && awaited.length > 0 && (
          <p>
            <span class="muted">Awaited:</span>{' '}
            {toList(
              awaited.map(({ site, what }) => `${site} (${awaitedWord(what)})`),
              8,
            )}
          </p>
        )}
        {failure !== undefined && <p class="tone-bad">{failure}</p>}
      </div>
    </li>
  );
}
