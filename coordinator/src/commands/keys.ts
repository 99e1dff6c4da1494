// The commands by which an operator makes, lists, rotates and revokes API keys.
import { unlink } from 'node:fs/promises';
import { z } from 'zod';
import { Refusal, SCOPES } from '@blindsum/proto';
import { parseDuration } from './duration.ts';
import type { Output } from './operator.ts';
import { connect, type Target } from './target.ts';
import { writeSecretFile } from './secret-file.ts';

const keyFormat = z.object({
  key: z.string(),
  name: z.string(),
  scope: z.enum(SCOPES),
  createdMs: z.int(),
  expiresMs: z.int().nullable(),
  revokedMs: z.int().nullable(),
  lastUsedMs: z.int().nullable(),
  overlapUntilMs: z.int().nullable(),
});
const issuedFormat = keyFormat.extend({ credential: z.string() });

type ShownKey = z.output<typeof keyFormat>;

export interface NewKey {
  readonly name: string;
  readonly scope: string;
  readonly expires?: string;
  /** A new file for the credential; it is printed without. */
  readonly out?: string;
}

/** Makes a key. Its credential is shown once, or is in the new file alone. */
export async function createKey(target: Target, { out, ...terms }: NewKey, output: Output): Promise<void> {
  const { name, scope, expires } = terms;
  if (!(SCOPES as readonly string[]).includes(scope))
    throw new Refusal('CONFIG_INVALID', `--scope: expected one of ${SCOPES.join(', ')}`);
  const lifetime = expires === undefined ? {} : { lifetimeMs: parseDuration(expires, '--expires') };
  await issue(target, { path: '/keys', body: { name, scope, ...lifetime }, out }, output);
}

/** Gives a key another credential; the one before stays good for a while. */
export async function rotateKey(
  target: Target,
  { key, overlap, out }: { readonly key: string; readonly overlap: string; readonly out?: string },
  output: Output,
): Promise<void> {
  const overlapMs = parseDuration(overlap, '--overlap');
  await issue(target, { path: `${toPath(key)}/rotate`, body: { overlapMs }, out }, output);
}

/** Ends a key at once. */
export async function revokeKey(target: Target, key: string, output: Output): Promise<void> {
  const client = await connect(target);
  const revoked = keyFormat.parse(await client.post(`${toPath(key)}/revoke`, '{}'));
  output.print(output.json ? JSON.stringify(revoked) : describeKey(revoked, Date.now()));
}

/** Shows every key; no credential is among what is shown. */
export async function listKeys(target: Target, output: Output): Promise<void> {
  const client = await connect(target);
  const answer = z.object({ keys: z.array(keyFormat) }).parse({ keys: await client.list('/keys', 'keys') });
  if (output.json) return output.print(JSON.stringify(answer));
  for (const key of answer.keys) output.print(describeKey(key, Date.now()));
}

interface Issue {
  readonly path: string;
  readonly body: object;
  readonly out: string | undefined;
}

async function issue(target: Target, { path, body, out }: Issue, output: Output): Promise<void> {
  const client = await connect(target);
  // The file first: a credential that cannot be written down is lost.
  if (out !== undefined) await reserve(out);
  const { credential, ...shown } = issuedFormat.parse(await client.post(path, JSON.stringify(body)));
  if (out !== undefined) await writeSecretFile(out, credential);
  const kept = out === undefined ? { credential } : { file: out };
  if (output.json) return output.print(JSON.stringify({ ...shown, ...kept }));
  output.print(describeKey(shown, Date.now()));
  output.print(out === undefined ? credential : `its credential is in ${out}`);
}

/** Refuses what writeSecretFile would refuse afterwards. */
async function reserve(path: string): Promise<void> {
  await writeSecretFile(path, '');
  await unlink(path);
}

function toPath(key: string): string {
  if (!/^[0-9a-f]{16}$/.test(key))
    throw new Refusal(
      'CONFIG_INVALID',
      `${key} does not name a key: expected the 16 digits that keys list shows`,
    );
  return `/keys/${key}`;
}

function describeKey(
  { key, name, scope, expiresMs, revokedMs, lastUsedMs, overlapUntilMs }: ShownKey,
  nowMs: number,
) {
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
  const parts = [
    revokedMs !== null && `revoked ${day(revokedMs)}`,
    expiresMs !== null && `${expiresMs <= nowMs ? 'expired' : 'expires'} ${day(expiresMs)}`,
    overlapUntilMs !== null &&
      overlapUntilMs > nowMs &&
      `the credential before is good until ${day(overlapUntilMs)}`,
    lastUsedMs === null ? 'never used' : `last used ${day(lastUsedMs)}`,
  ];
  return `${key} ${scope} ${name}: ${parts.filter((part) => part !== false).join(', ')}`;
}
