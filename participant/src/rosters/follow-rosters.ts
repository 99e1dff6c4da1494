// Follows the chain of rosters while the agent runs: asks every so often, and tells what has changed and what waits for a person.
import { Refusal } from '@blindsum/proto';
import type { Clock } from '../ports.ts';
import { PASSING } from '../passing.ts';
import type { Report } from '../session-progress.ts';
import type { RosterKeeper, RosterNews } from './roster-keeper.ts';

const POLL_MS = 2_000;

export interface Following {
  readonly keeper: Pick<RosterKeeper, 'follow'>;
  readonly clock: Clock;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/**
 * Runs until the signal aborts. A coordinator that is away is asked again; what it may not show is reported once, and this
 * site goes on under the rosters that it has accepted. Rejects with any other error.
 */
export async function followRosters({ keeper, clock, report, signal }: Following): Promise<void> {
  const tell = createTeller(report);
  while (!signal.aborted) {
    try {
      tell(toEvents(await keeper.follow()));
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Refusal)) throw error;
      const { code, detail } = error;
      if (!PASSING.has(code)) tell([{ event: 'roster-refused', code, detail }]);
    }
    await clock.sleep(POLL_MS);
  }
}

type RosterEvent = Extract<Parameters<Report>[0], { event: `roster-${string}` }>;

function toEvents({ accepted, pending, proposal }: RosterNews): RosterEvent[] {
  const events: RosterEvent[] = [];
  if (accepted) {
    const { version, members } = accepted.roster;
    events.push({ event: 'roster-accepted', version, sites: members.map(({ site }) => site) });
  }
  if (pending) {
    const { version } = pending.step.next.roster;
    events.push({ event: 'roster-waits', version, objection: pending.objection ?? '' });
  }
  if (proposal) {
    const { step, objection, isApproved } = proposal;
    const { version } = step.next.roster;
    if (objection === undefined || isApproved) events.push({ event: 'roster-approved', version });
    else events.push({ event: 'roster-waits', version, objection });
  }
  return events;
}

/** Each thing is said once. */
function createTeller(report: Report): (events: readonly RosterEvent[]) => void {
  const said = new Set<string>();
  return (events) => {
    for (const event of events) {
      const text = JSON.stringify(event);
      if (said.has(text)) continue;
      said.add(text);
      report(event);
    }
  };
}
