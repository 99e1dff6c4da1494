// What is measured and reported about rounds while they go on: metrics, phase times, and one log line for each phase.
import type { Logger } from 'pino';
import type { DiskWatch } from './disk/disk-watch.ts';
import type { MemberStore } from './member-store.ts';
import { createMetrics, type Metrics, type Snapshot } from './metrics.ts';
import { daysLeft } from './identity/certificate-life.ts';
import type { ServerIdentity } from './identity/server-identity.ts';
import { isActive, JOB_STATUS_STATES } from './job-status.ts';
import { phaseChange, type PhaseChange } from './phase-times.ts';
import type { Clock, StoredRound } from './ports.ts';
import type { State } from './state.ts';
import { totalBytes } from './storage/listed-blobs.ts';
import { isOnline, SitePresence } from './site-presence.ts';

export interface Observation {
  readonly metrics: Metrics;
  /** Told of every write to a round. */
  readonly wrote: (before: StoredRound | undefined, after: StoredRound) => void;
  readonly presence: SitePresence;
}

export interface Observed {
  readonly state: State;
  readonly clock: Clock;
  readonly log: Logger;
  readonly disk: Pick<DiskWatch, 'look'>;
  readonly identity: Pick<ServerIdentity, 'validity'>;
}

export function createObservation({ state, clock, log, disk, identity }: Observed): Observation {
  const metrics = createMetrics(async () => ({
    ...(await takeSnapshot(state, clock)),
    disk: await disk.look(),
    certificates: await certificatesOf(state.members, identity, clock.nowMs()),
  }));
  const presence = new SitePresence({
    members: state.members,
    clock,
    report: {
      lost: (site, silentMs) => log.warn({ event: 'site.lost', site, silentMs }),
      back: (site) => log.info({ event: 'site.back', site }),
    },
  });
  return {
    metrics,
    presence,
    wrote(before, after) {
      const change = phaseChange(before, after);
      if (change) report(change, metrics, log);
    },
  };
}

function report({ stored: { id, round }, left }: PhaseChange, metrics: Metrics, log: Logger): void {
  if (left) metrics.phaseEnded(left.phase, left.milliseconds);
  const line = { event: 'round.phase', ...id, phase: round.phase, left };
  if (round.phase === 'failed') {
    metrics.roundEnded(round.reason);
    log.warn({ ...line, reason: round.reason, detail: round.detail });
    return;
  }
  if (round.phase === 'published') metrics.roundEnded('published');
  log.info('set' in round ? { ...line, contributors: round.set.members.length } : line);
}

async function takeSnapshot(
  { jobs, rounds, blobs, members }: State,
  clock: Clock,
): Promise<Omit<Snapshot, 'disk' | 'certificates'>> {
  const stored = await jobs.list();
  const counts: Record<string, number> = Object.fromEntries(JOB_STATUS_STATES.map((state) => [state, 0]));
  let contributorsIn = 0;
  for (const job of stored) {
    counts[job.status.state] = (counts[job.status.state] ?? 0) + 1;
    const round = isActive(job.status) ? (await rounds.load(job.status.current))?.round : undefined;
    if (round?.phase === 'collecting') contributorsIn += Object.keys(round.contributions).length;
  }
  const all = (await members.list()).filter(({ revoked }) => revoked === undefined);
  const online = all.filter((member) => isOnline(member, clock.nowMs())).length;
  const stores = await Promise.all(stored.map(({ job }) => blobs.list(job)));
  const blobBytes = totalBytes(stores.flat());
  return { contributorsIn, jobs: counts, sites: { admitted: all.length, online }, blobBytes };
}

/** Those that end first. */
const MAX_MEASURED = 100;

async function certificatesOf(
  members: Pick<MemberStore, 'list'>,
  { validity }: Pick<ServerIdentity, 'validity'>,
  nowMs: number,
): Promise<Snapshot['certificates']> {
  const sites = (await members.list())
    .filter(({ revoked }) => revoked === undefined)
    .map(({ site, certificate }) => ({ site, daysLeft: daysLeft(certificate, nowMs) }))
    .sort((a, b) => a.daysLeft - b.daysLeft)
    .slice(0, MAX_MEASURED);
  return { coordinatorDaysLeft: daysLeft(validity, nowMs), sites };
}
