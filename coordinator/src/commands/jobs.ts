// The commands by which an operator looks at jobs, pauses, resumes and cancels them.
import { parseJobId } from '@blindsum/proto';
import { describeJob, jobFormat, jobsFormat } from './answers.ts';
import type { Output } from './operator.ts';
import { connect, type Target } from './target.ts';

/** Shows every job. */
export async function jobs(target: Target, output: Output): Promise<void> {
  const client = await connect(target);
  const answer = jobsFormat.parse({ jobs: await client.list('/jobs', 'jobs') });
  if (output.json) return output.print(JSON.stringify(answer));
  if (answer.jobs.length === 0) output.print('no job was submitted');
  for (const job of answer.jobs) output.print(describeJob(job));
}

/** Pauses a job when its round has ended. */
export function pause(target: Target, job: string, output: Output): Promise<void> {
  return ask(target, { job, what: 'pause', body: {} }, output);
}

/** Goes on with a paused job. */
export function resume(target: Target, job: string, output: Output): Promise<void> {
  return ask(target, { job, what: 'resume', body: {} }, output);
}

/** Ends a job for good. */
export function cancel(
  target: Target,
  { job, reason }: { readonly job: string; readonly reason: string },
  output: Output,
): Promise<void> {
  return ask(target, { job, what: 'cancel', body: { reason } }, output);
}

interface Question {
  readonly job: string;
  readonly what: 'pause' | 'resume' | 'cancel';
  readonly body: object;
}

async function ask(target: Target, { job, what, body }: Question, output: Output): Promise<void> {
  const client = await connect(target);
  const path = `/jobs/${parseJobId(job)}/${what}`;
  const answer = jobFormat.parse(await client.post(path, JSON.stringify(body)));
  output.print(output.json ? JSON.stringify(answer) : describeJob(answer));
}
