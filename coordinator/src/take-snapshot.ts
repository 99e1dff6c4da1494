// Counts what is there at the moment: for Prometheus.
import type { SiteId } from '@blindsum/proto';
import type { ServerIdentity } from './identity/server-identity.ts';
import { isActive, JOB_STATUS_STATES } from './job-status.ts';
import type { MemberStore } from './member-store.ts';
import type { Clock, JobHead } from './ports.ts';
import { invited } from './round/held.ts';
import type { Round } from './round/round.ts';
import type { Snapshot } from './snapshot-gauges.ts';
import type { State } from './state.ts';
import { sumOfKinds } from './storage/listed-blobs.ts';
import { isOnline } from './site-presence.ts';

export async function takeSnapshot(
  state: Pick<State, 'jobs' | 'rounds' | 'blobs' | 'members'>,
  clock: Clock,
): Promise<Omit<Snapshot, 'disk' | 'certificates'>> {
  const stored = await state.jobs.list();
  const open = await currentRounds(state, stored);
  const all = (await state.members.list()).filter(({ revoked }) => revoked === undefined);
  const online = all.filter((member) => isOnline(member, clock.nowMs())).length;
  const blobs = await Promise.all(stored.map(({ job }) => state.blobs.totals(job)));
  return {
    contributors: countContributors(open),
    rounds: countBy(
      ['collecting', 'sealed', 'summed', 'opening'],
      open.map(({ phase }) => phase),
    ),
    jobs: countBy(
      JOB_STATUS_STATES,
      stored.map(({ status }) => status.state),
    ),
    sites: { admitted: all.length, online },
    blobBytes: sum(blobs.map(sumOfKinds)),
  };
}

async function currentRounds({ rounds }: Pick<State, 'rounds'>, jobs: readonly JobHead[]): Promise<Round[]> {
  const active = jobs.map(({ status }) => status).filter(isActive);
  const loaded = await Promise.all(active.map(({ current }) => rounds.load(current)));
  return loaded.filter((stored) => stored !== undefined).map(({ round }) => round);
}

function countContributors(rounds: readonly Round[]): Snapshot['contributors'] {
  const collecting = rounds.filter((round) => round.phase === 'collecting');
  return {
    expected: sum(collecting.map(({ rules }) => invited(rules).length)),
    in: sum(collecting.map(({ contributions }) => Object.keys(contributions).length)),
  };
}

/** Of each name, how often it is there; of others, nothing. */
function countBy(names: readonly string[], values: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, values.filter((value) => value === name).length]));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Those that end first. */
const MAX_MEASURED = 100;

export async function certificateEnds(
  members: Pick<MemberStore, 'list'>,
  { validity }: Pick<ServerIdentity, 'validity'>,
): Promise<Snapshot['certificates']> {
  const sites = (await members.list())
    .filter(({ revoked }) => revoked === undefined)
    .map(({ site, certificate }): { site: SiteId; endsMs: number } => ({
      site,
      endsMs: certificate.notAfterMs,
    }))
    .sort((a, b) => a.endsMs - b.endsMs)
    .slice(0, MAX_MEASURED);
  return { coordinatorEndsMs: validity.notAfterMs, sites };
}
