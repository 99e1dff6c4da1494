// WatchRound: answers when something has changed, so that sites neither miss a step nor ask in vain.
import { parseJobId, refuseUnless, type SiteId } from '@blindsum/proto';
import { JobState, type RequestOf, type ResponseInit, type RoundService } from '@blindsum/proto/rpc';
import { reasonOf } from '../job-status.ts';
import type { JobView, JobWatch } from '../job-watch.ts';
import type { JobStatus, RoundStore } from '../ports.ts';
import { toCheckpointView } from './checkpoint-view.ts';
import { toRoundView } from './round-view.ts';
import type { Caller } from './service-handlers.ts';

export interface WatchShell {
  readonly watch: Pick<JobWatch, 'waitForChange'>;
  readonly rounds: Pick<RoundStore, 'messages'>;
}

const MAX_WAIT_MS = 30_000;

export const JOB_STATES: Readonly<Record<JobStatus['state'], JobState>> = {
  joining: JobState.JOINING,
  queued: JobState.QUEUED,
  starting: JobState.QUEUED,
  resuming: JobState.QUEUED,
  running: JobState.RUNNING,
  pausing: JobState.RUNNING,
  cancelling: JobState.RUNNING,
  paused: JobState.PAUSED,
  finished: JobState.FINISHED,
  failed: JobState.FAILED,
  cancelled: JobState.CANCELLED,
};

export async function watchRound(
  shell: WatchShell,
  { site, signal }: Caller,
  { job, knownVersion, waitMs }: RequestOf<typeof RoundService, 'watchRound'>,
): Promise<ResponseInit<typeof RoundService, 'watchRound'>> {
  refuseUnless(waitMs <= MAX_WAIT_MS, 'MALFORMED', `wait_ms: at most ${MAX_WAIT_MS}`);
  const until = AbortSignal.any([signal, AbortSignal.timeout(waitMs)]);
  return toResponse(
    shell,
    await shell.watch.waitForChange(parseJobId(job), Number(knownVersion), until),
    site,
  );
}

async function toResponse({ rounds }: WatchShell, view: JobView, site: SiteId) {
  const { job, round } = view;
  const response = {
    version: BigInt(view.version),
    jobState: JOB_STATES[job.status.state],
    failure: reasonOf(job.status) ?? '',
  };
  // For a site that consented after the round began there is nothing to do before the next one.
  if (!round?.round.rules.sites.includes(site)) return response;
  const messages = await rounds.messages(round.id);
  const checkpoint = view.checkpoint && (await toCheckpointView(rounds, view.checkpoint, site));
  return {
    ...response,
    round: toRoundView(round, messages, site),
    ...(checkpoint && { checkpoint }),
  };
}
