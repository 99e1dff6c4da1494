// Rounds as bars of phases on one scale: the longer a bar, the longer the round took.
import type { JSX } from 'preact';
import { toDuration, toMoment } from '../../model/format.ts';
import type { AttemptView } from '../../model/round-timeline.ts';
import { PHASES, PHASE_ORDER } from '../../model/words.ts';
import { Badge } from '../parts/basics.tsx';
import { useMore } from '../parts/more.tsx';
import { SiteGroups } from './site-groups.tsx';

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

interface Props {
  readonly attempts: readonly AttemptView[];
  /** By the coordinator's clock. */
  readonly nowMs: number;
}

export function Timeline({ attempts, nowMs }: Props): JSX.Element {
  const [shown, more] = useMore(attempts, FIRST);
  return (
    <>
      <ol class="timeline">
        {shown.map((attempt) => (
          <Attempt key={attempt.key} attempt={attempt} nowMs={nowMs} />
        ))}
      </ol>
      {more}
    </>
  );
}

function Attempt({ attempt, nowMs }: { attempt: AttemptView; nowMs: number }): JSX.Element {
  const { name, state, segments } = attempt;
  return (
    <li data-round={attempt.round} data-phase={state.word}>
      <div class="attempt-head">
        <strong>{name}</strong>
        {attempt.attempt > 1 && <span class="muted">attempt {attempt.attempt}</span>}
        <Badge word={state.word} tone={state.tone} />
        <span class="muted when">
          {toMoment(attempt.startedMs, nowMs)} · {toDuration(attempt.milliseconds)}
        </span>
      </div>
      <div class="bar" role="img" aria-label={attempt.spoken} style={{ width: `${attempt.length * 100}%` }}>
        {segments.map(({ phase, width, text }) => (
          <span key={phase} class={`segment ${phase}`} style={{ width: `${width * 100}%` }} title={text} />
        ))}
      </div>
      <SiteGroups attempt={attempt} />
    </li>
  );
}
