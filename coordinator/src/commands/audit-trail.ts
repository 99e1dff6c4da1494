// The commands by which the trail of administrative actions is handed to auditors, and compared with the log.
import { readFile, writeFile } from 'node:fs/promises';
import { parseTrail, parseTrailEntry, Refusal } from '@blindsum/proto';
import { trustAuthorityFile, toSystemFault } from '@blindsum/proto/node';
import type { AdminClient } from '@blindsum/admin-client';
import { openPublishedLog } from '../backup/published-log.ts';
import { verifyTrail } from '../administration/verify-trail.ts';
import { loadConfig } from '../config.ts';
import type { Output } from './operator.ts';
import { answered, connect, type Target } from './target.ts';

const NEWLINE = '\n';

/** Writes every entry, exactly as it is kept: into a file, or as lines to print. */
export async function exportTrail(target: Target, out: string | undefined, output: Output): Promise<void> {
  const client = await connect(target);
  const pages: string[] = [];
  for (let after = 0; ;) {
    const page = await answered(readPage(client, after));
    const last = page.trimEnd().split(NEWLINE).at(-1) ?? '';
    if (last === '') break;
    pages.push(page);
    after = parseTrailEntry(Buffer.from(last)).sequence;
  }
  const text = pages.join('');
  const entries = parseTrail(Buffer.from(text)).length;
  if (out === undefined) return output.print(text.trimEnd());
  await writeFile(out, text, { mode: 0o600 });
  output.print(output.json ? JSON.stringify({ file: out, entries }) : `${entries} entries are in ${out}`);
}

/** An empty one, behind the last entry, has no body. */
async function readPage(client: AdminClient, after: number): Promise<{ readonly data: string }> {
  const asked = { params: { query: { after } }, parseAs: 'text' } as const;
  const { data = '' } = await client.GET('/v1/audit-trail/export', asked);
  return { data };
}

/** Compares an exported trail with a log: the coordinator's own, or another one by folder or address. */
export async function verifyTrailFile(
  configPath: string,
  { file, log }: { readonly file: string; readonly log: string | undefined },
  output: Output,
): Promise<void> {
  const config = await loadConfig(configPath);
  if (config.trustedCaFile !== undefined) await trustAuthorityFile(config.trustedCaFile, 'trustedCaFile');
  const source = log ?? config.log.directory;
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new Refusal('NOT_FOUND', `${file}: cannot be read (${toSystemFault(cause)})`, { cause });
  });
  const coverage = await verifyTrail(bytes, { read: openPublishedLog(source) });
  if (output.json) return output.print(JSON.stringify(coverage));
  const { covered, uncovered, missing } = coverage;
  output.print(
    `${covered} entries are those that the log vouches for; ${uncovered} are not in the log yet; ${missing} are lost, as the trail itself says`,
  );
}
