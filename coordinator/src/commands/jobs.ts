// The commands by which an operator looks at jobs, pauses, resumes and cancels them.
import type { components } from '@blindsum/admin-client';
import { describeJob } from './answers.ts';
import { everyItem } from './every-item.ts';
import { toJobTable } from './job-table.ts';
import { jobNamed } from './names.ts';
import type { Output } from './operator.ts';
import { answered, connect, type Target } from './target.ts';

/** Shows every job. */
export async function jobs(target: Target, output: Output): Promise<void> {
  const client = await connect(target);
  const all = await everyItem('jobs', (query) => client.GET('/v1/jobs', { params: { query } }));
  if (output.json) return output.print(JSON.stringify({ jobs: all }));
  if (all.length === 0) output.print('no job was submitted');
  for (const line of toJobTable(all, output.columns)) output.print(line);
}

/** Pauses a job when its round has ended. */
export async function pause(target: Target, job: string, output: Output): Promise<void> {
  const params = { path: { job: jobNamed(job) } };
  const client = await connect(target);
  print(await answered(client.POST('/v1/jobs/{job}/pause', { params })), output);
}

/** Goes on with a paused job. */
export async function resume(target: Target, job: string, output: Output): Promise<void> {
  const params = { path: { job: jobNamed(job) } };
  const client = await connect(target);
  print(await answered(client.POST('/v1/jobs/{job}/resume', { params })), output);
}

/** Ends a job for good. */
export async function cancel(
  target: Target,
  { job, reason }: { readonly job: string; readonly reason: string },
  output: Output,
): Promise<void> {
  const params = { path: { job: jobNamed(job) } };
  const client = await connect(target);
  print(await answered(client.POST('/v1/jobs/{job}/cancel', { params, body: { reason } })), output);
}

function print(job: components['schemas']['Job'], output: Output): void {
  output.print(output.json ? JSON.stringify(job) : describeJob(job));
}
