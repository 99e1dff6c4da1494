// The commands by which an operator sees which models sites make public.
import type { components } from '@blindsum/admin-client';
import { everyItem } from './every-item.ts';
import { jobNamed } from './names.ts';
import type { Output } from './operator.ts';
import { answered, connect, type Target } from './target.ts';

type ShownRelease = components['schemas']['Release'];

const STATES: Record<ShownRelease['state'], string> = {
  voting: 'waits for votes',
  agreed: 'waits for the log',
  logged: 'waits for its file',
  available: 'public',
};

/** Every model about which a site has said something. */
export async function listReleases(target: Target, output: Output): Promise<void> {
  const client = await connect(target);
  const releases = await everyItem('releases', (query) => client.GET('/v1/releases', { params: { query } }));
  if (output.json) return output.print(JSON.stringify({ releases }));
  if (releases.length === 0) output.print('no site has voted for a model to be public');
  for (const { job, round, state, voters } of releases)
    output.print(`${job} round ${round}: ${STATES[state]}; voted: ${voters.join(', ') || 'nobody'}`);
}

/** One of them. */
export async function showRelease(
  target: Target,
  { job, round }: { readonly job: string; readonly round: number },
  output: Output,
): Promise<void> {
  const path = { job: jobNamed(job), round };
  const client = await connect(target);
  const release = await answered(client.GET('/v1/releases/{job}/{round}', { params: { path } }));
  if (output.json) return output.print(JSON.stringify(release));
  for (const line of describeRelease(release)) output.print(line);
}

/** The release as lines for people. */
export function describeRelease(release: ShownRelease): string[] {
  const { job, round, state, voters, refusals, fileDigest, asked, failed, from } = release;
  return [
    `${job} round ${round}: ${STATES[state]}`,
    `  voted: ${voters.join(', ') || 'nobody'}`,
    ...refusals.map(({ site, reason }) => `  against it: ${site}: ${reason}`),
    ...(fileDigest === null ? [] : [`  SHA-256 of the file: ${fileDigest}`]),
    ...(asked === null ? [] : [`  asked for the file: ${asked}`]),
    ...failed.map((site) => `  brought another file: ${site}`),
    ...(from === null ? [] : [`  the file is from ${from}: /models/${job}/${round}/`]),
  ];
}
