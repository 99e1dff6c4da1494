// What the states of a job have in common.
//
//   joining ──▶ queued ──▶ starting ──▶ running ──▶ finished | failed
//      │          ▲ │                   │    ▲
//      │          │ └──▶ resuming ──────┼────┘
//      ▼          │                     ▼
//    paused ──────┴──────────────── pausing          and from each that has not ended: (cancelling ──▶) cancelled
import type { JobId } from '@blindsum/proto';
import type { AtRound, JobHead, JobStatus, RoundId } from './ports.ts';

/** A status with a current round. */
export type Active = Extract<JobStatus, AtRound>;

const STATES: Readonly<Record<JobStatus['state'], 'waits' | 'has a place' | 'has ended'>> = {
  joining: 'waits',
  queued: 'waits',
  paused: 'waits',
  starting: 'has a place',
  resuming: 'has a place',
  running: 'has a place',
  pausing: 'has a place',
  cancelling: 'has a place',
  finished: 'has ended',
  failed: 'has ended',
  cancelled: 'has ended',
};

/** Every state. */
export const JOB_STATUS_STATES = Object.keys(STATES) as readonly JobStatus['state'][];

/** Those of jobs that have not ended. */
export const OPEN_STATES: readonly JobStatus['state'][] = JOB_STATUS_STATES.filter(
  (state) => STATES[state] !== 'has ended',
);

/** True once nothing can happen to the job any more. */
export function isEnded({ state }: Pick<JobStatus, 'state'>): boolean {
  return STATES[state] === 'has ended';
}

/** True as long as a site that consents may still take part. */
export function takesConsents(status: JobStatus): boolean {
  return !isEnded(status) && status.state !== 'cancelling';
}

/** True while the job takes one of the places that `limits.maxRunningJobs` counts. */
export function holdsPlace({ state }: Pick<JobStatus, 'state'>): boolean {
  return STATES[state] === 'has a place';
}

/** True if the job is at a round. */
export function isActive(status: JobStatus): status is Active {
  return 'current' in status;
}

/** Why the job ended without a result, or is about to; undefined otherwise. */
export function reasonOf(status: JobStatus): string | undefined {
  return 'reason' in status ? status.reason : undefined;
}

/** The jobs that wait for a place, the next one first. */
export function inQueue(jobs: readonly JobHead[]): JobId[] {
  const readyMs = ({ status }: JobHead) => (status.state === 'queued' ? status.readyMs : 0);
  return jobs
    .filter(({ status }) => status.state === 'queued')
    .toSorted((a, b) => readyMs(a) - readyMs(b) || a.submittedMs - b.submittedMs)
    .map(({ job }) => job);
}

/** The round a job is at, or went through last; absent before its first. */
export function currentRound({ status }: Pick<JobHead, 'status'>): RoundId | undefined {
  switch (status.state) {
    case 'joining':
    case 'starting':
      return undefined;
    case 'queued':
    case 'paused':
    case 'resuming':
      return status.after?.last;
    case 'running':
    case 'pausing':
    case 'cancelling':
      return status.current;
    case 'finished':
    case 'failed':
    case 'cancelled':
      return status.last;
  }
}
