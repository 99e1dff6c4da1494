// Who watches the log, as the coordinator tells it.
import type { JSX } from 'preact';
import type { LogDocument, WitnessDocument } from '../../model/documents.ts';
import { toCount, toRelative } from '../../model/format.ts';
import type { Tone } from '../../model/words.ts';
import { Badge, Empty, Panel } from '../parts/basics.tsx';

const STATES: Readonly<Record<WitnessDocument['state'], readonly [string, Tone]>> = {
  ok: ['Cosigns', 'good'],
  failing: ['Fails', 'bad'],
  waiting: ['Not yet', 'wait'],
};

export function WitnessPanel({ log, nowMs }: { log: LogDocument; nowMs: number }): JSX.Element {
  const groups = log.quorum.map(({ group, threshold, of }) => `${threshold} of ${of} in ${group}`).join(', ');
  return (
    <Panel title="Witnesses" aside={groups === '' ? 'nobody is asked to cosign' : `asked for: ${groups}`}>
      {log.witnesses.length === 0 ? (
        <Empty>
          No stand-alone witness is configured{groups === '' ? '' : '; the members themselves cosign'}.
        </Empty>
      ) : (
        <ul class="checks">
          {log.witnesses.map(({ name, state, cosignedMs, lag, reason }) => (
            <li key={name}>
              <Badge word={STATES[state][0]} tone={STATES[state][1]} />
              <div>
                <strong>{name}</strong>
                <p class="muted">
                  {cosignedMs === null ? 'has not cosigned yet' : `cosigned ${toRelative(cosignedMs, nowMs)}`}
                  {lag > 0 && `, ${toCount(lag, 'entry', 'entries')} behind`}
                  {reason !== null && `: ${reason}`}
                </p>
              </div>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
