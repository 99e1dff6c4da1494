// The commands by which an operator sees which models sites make public.
import { parseJobId } from '@blindsum/proto';
import { z } from 'zod';
import type { Output } from './operator.ts';
import { connect, type Target } from './target.ts';

const releaseFormat = z.looseObject({
  job: z.string(),
  round: z.int(),
  state: z.enum(['voting', 'agreed', 'logged', 'available']),
  voters: z.array(z.string()),
  refusals: z.array(z.looseObject({ site: z.string(), reason: z.string() })),
  fileDigest: z.string().nullable(),
  asked: z.string().nullable(),
  failed: z.array(z.string()),
  from: z.string().nullable(),
});

type ShownRelease = z.output<typeof releaseFormat>;

const STATES: Record<ShownRelease['state'], string> = {
  voting: 'waits for votes',
  agreed: 'waits for the log',
  logged: 'waits for its file',
  available: 'public',
};

/** Every model about which a site has said something. */
export async function listReleases(target: Target, output: Output): Promise<void> {
  const client = await connect(target);
  const answer = z
    .object({ releases: z.array(releaseFormat) })
    .parse({ releases: await client.list('/releases', 'releases') });
  if (output.json) return output.print(JSON.stringify(answer));
  if (answer.releases.length === 0) output.print('no site has voted for a model to be public');
  for (const { job, round, state, voters } of answer.releases)
    output.print(`${job} round ${round}: ${STATES[state]}; voted: ${voters.join(', ') || 'nobody'}`);
}

/** One of them. */
export async function showRelease(
  target: Target,
  { job, round }: { readonly job: string; readonly round: number },
  output: Output,
): Promise<void> {
  const client = await connect(target);
  const release = releaseFormat.parse(await client.get(`/releases/${parseJobId(job)}/${round}`));
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
