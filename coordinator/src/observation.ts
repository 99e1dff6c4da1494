// What is measured and reported about rounds while they go on: metrics, phase times, and one log line for each phase.
import type { Logger } from 'pino';
import { recordPhase, recordRound } from '@blindsum/proto/tracing';
import type { DiskWatch } from './disk/disk-watch.ts';
import type { ServerIdentity } from './identity/server-identity.ts';
import { createMetrics, type EndedRound, type Metrics } from './metrics.ts';
import { phaseChange, type Phase, type PhaseChange } from './phase-times.ts';
import type { Clock, StoredRound } from './ports.ts';
import { invited } from './round/held.ts';
import type { Failed, Published } from './round/round.ts';
import type { State } from './state.ts';
import { SitePresence } from './site-presence.ts';
import { certificateEnds, takeSnapshot } from './take-snapshot.ts';

export interface Observation {
  readonly metrics: Metrics;
  /** Told of every write to a round. */
  readonly wrote: (before: StoredRound | undefined, after: StoredRound) => void;
  readonly presence: SitePresence;
}

export interface Observed {
  readonly federation: string;
  readonly state: State;
  readonly clock: Clock;
  readonly log: Logger;
  readonly disk: Pick<DiskWatch, 'look'>;
  readonly identity: Pick<ServerIdentity, 'validity'>;
}

export function createObservation({ federation, state, clock, log, disk, identity }: Observed): Observation {
  const metrics = createMetrics(async () => ({
    ...(await takeSnapshot(state, clock)),
    disk: await disk.look(),
    certificates: await certificateEnds(state.members, identity),
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
      if (!change) return;
      report(change, metrics, log);
      traceChange(change, federation);
    },
  };
}

function report({ stored: { id, round }, left }: PhaseChange, metrics: Metrics, log: Logger): void {
  if (left) metrics.phaseEnded(left.phase, left.milliseconds);
  const line = { event: 'round.phase', ...id, phase: round.phase, left };
  if (round.phase === 'published' || round.phase === 'failed')
    metrics.roundEnded({ ...endOf(round), phase: left?.phase ?? round.phase });
  if (round.phase === 'failed') log.warn({ ...line, reason: round.reason, detail: round.detail });
  else log.info('set' in round ? { ...line, contributors: round.set.members.length } : line);
}

function endOf(round: Published | Failed): Omit<EndedRound, 'phase'> {
  if (round.phase === 'failed') return { result: round.reason, counted: 0, leftOut: 0 };
  const counted = round.set.members.length;
  return { result: 'published', counted, leftOut: invited(round.rules).length - counted };
}

const SPANS: Readonly<Record<Phase, string>> = {
  collecting: 'collect',
  sealed: 'seal',
  summed: 'check',
  opening: 'open',
  published: 'published',
  failed: 'failed',
};

/** Phases are known when they are over, and the round when it has ended: from what is stored, so that a crash in between changes nothing. */
function traceChange({ stored: { id, round, startedMs }, left }: PhaseChange, federation: string): void {
  const traced = { federation, ...id };
  const endMs = round.phases.at(-1)?.atMs ?? startedMs;
  if (left)
    recordPhase(traced, {
      name: SPANS[left.phase],
      startMs: endMs - left.milliseconds,
      endMs,
      attributes: {},
    });
  if (round.phase !== 'published' && round.phase !== 'failed') return;
  const { result, counted } = endOf(round);
  recordRound(traced, {
    name: 'round',
    startMs: startedMs,
    endMs,
    attributes: { result, contributors: counted },
  });
}
