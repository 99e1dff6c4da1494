// `jobs list`: a line for each job, and in its last column what a person would ask about.
import type { components } from '@blindsum/admin-client';
import { toTable } from '../terminal/table.ts';
import { namedAwaited } from './answers.ts';

type Job = components['schemas']['Job'];

const COLUMNS = [
  ...['job', 'state', 'round', 'phase'].map((head) => ({ head })),
  { head: 'in', align: 'right' as const },
  { head: 'why' },
];

/** Jobs as lines for people, no wider than `width`. */
export function toJobTable(jobs: readonly Job[], width: number | undefined): string[] {
  return toTable(COLUMNS, jobs.map(toRow), width);
}

function toRow(job: Job): string[] {
  const { current, trainingRounds } = job;
  const place = current
    ? [`${current.round} of ${trainingRounds + 1}`, current.phase, String(current.sitesIn)]
    : ['-', '-', '-'];
  return [job.job, job.state, ...place, reasonsOf(job).join('; ')];
}

function reasonsOf({ current, queuePosition, withdrawn, roster, failure }: Job): string[] {
  const waits = current === null ? '' : namedAwaited(current.awaited);
  return [
    ...(failure === null ? [] : [failure]),
    ...(queuePosition === null ? [] : [`number ${queuePosition} in the queue`]),
    ...(waits === '' ? [] : [waits]),
    ...(current?.isCarried === true ? ['overdue'] : []),
    ...(withdrawn.length === 0 ? [] : [`without ${withdrawn.join(', ')}`]),
    ...(roster.waits === null ? [] : [`keeps roster version ${roster.version}: ${roster.waits}`]),
  ];
}
