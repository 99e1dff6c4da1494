// From a job file to a submitted job. The manifest is made here, from the job file and the roster, and signed here: what the
// coordinator is given is what the author has seen.
import { readFile, writeFile } from 'node:fs/promises';
import type { AdminClient, components } from '@blindsum/admin-client';
import {
  createManifest,
  encodeManifest,
  encodeSignedManifest,
  parseJobFile,
  parseRoster,
  parseSignedManifest,
  Refusal,
  signManifest,
  toCanonicalBytes,
  utf8,
  type Author,
  type Manifest,
} from '@blindsum/proto';
import { toSystemFault } from '@blindsum/proto/node';
import { loadAuthor, loadAuthorKey } from '../author/author-files.ts';
import { loadJobFile, type Output } from './operator.ts';
import { answered, connect, type Target } from './target.ts';

/** A job file with its author's key, or the file that the author signed elsewhere. */
export type Submittal = { readonly job: string; readonly authorKey: string } | { readonly signed: string };

/** Submits a job to the sites of the roster. */
export async function submit(target: Target, submittal: Submittal, output: Output): Promise<void> {
  const client = await connect(target);
  const file = 'signed' in submittal ? await readSigned(submittal.signed) : await sign(client, submittal);
  const body = JSON.parse(file) as components['schemas']['SignedManifest'];
  const answer = await answered(client.POST('/v1/jobs', { body }));
  if (output.json) return output.print(JSON.stringify(answer));
  const { job, state, sites, threshold, rounds, parameters } = answer;
  output.print(
    `${job} is ${state}: ${parameters} parameters, ${rounds} training rounds, ${sites.length} sites ` +
      `(${sites.join(', ')}), of which ${threshold} are needed to open a sum`,
  );
}

/** Writes the manifest of a job file for an author who is elsewhere: its exact bytes are what is to be signed. */
export async function writeManifest(
  target: Target,
  { job, author, out }: Record<'job' | 'author' | 'out', string>,
  output: Output,
): Promise<void> {
  const client = await connect(target);
  const manifest = await makeManifest(client, job, await loadAuthor(author));
  await writeFile(out, encodeManifest(manifest));
  if (output.json) output.print(JSON.stringify({ job: manifest.job, manifest: out }));
  else
    output.print(
      `${out} is the manifest of ${manifest.job}; ${manifest.author.name} signs it with: author sign ${out}`,
    );
}

async function sign(
  client: AdminClient,
  { job, authorKey }: Extract<Submittal, { readonly job: string }>,
): Promise<string> {
  const signer = await loadAuthorKey(authorKey);
  const manifest = encodeManifest(await makeManifest(client, job, signer.author));
  return encodeSignedManifest({ manifest, signature: signManifest(manifest, signer.sign) });
}

async function makeManifest(client: AdminClient, path: string, author: Author): Promise<Manifest> {
  const file = parseJobFile(await loadJobFile(path));
  const roster = parseRoster(toCanonicalBytes(await answered(client.GET('/v1/roster/next'))));
  return createManifest(file, roster, author);
}

async function readSigned(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Refusal('NOT_FOUND', `${path}: cannot be read (${toSystemFault(cause)})`, { cause });
  });
  parseSignedManifest(utf8(text));
  return text;
}
