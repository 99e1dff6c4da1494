// The commands by which an operator makes, lists, rotates and revokes API keys.
import { unlink } from 'node:fs/promises';
import { Refusal, SCOPES, type Scope } from '@blindsum/proto';
import type { AdminClient, components } from '@blindsum/admin-client';
import { parseDuration } from './duration.ts';
import { toTable, toTime } from '../terminal/table.ts';
import { everyItem } from './every-item.ts';
import type { Output } from './operator.ts';
import { answered, connect, type Target } from './target.ts';
import { writeSecretFile } from './secret-file.ts';

type ShownKey = components['schemas']['ApiKey'];
type Issued = components['schemas']['IssuedApiKey'];

export interface NewKey {
  readonly name: string;
  readonly scope: string;
  readonly expires?: string;
  /** A new file for the credential; it is printed without. */
  readonly out?: string;
}

/** Makes a key. Its credential is shown once, or is in the new file alone. */
export async function createKey(target: Target, { out, ...terms }: NewKey, output: Output): Promise<void> {
  const { name, expires } = terms;
  const scope = parseScope(terms.scope);
  const lifetime = expires === undefined ? {} : { lifetimeMs: parseDuration(expires, '--expires') };
  const ask = (client: AdminClient) => client.POST('/v1/keys', { body: { name, scope, ...lifetime } });
  await issue(target, { ask, out }, output);
}

/** Gives a key another credential; the one before stays good for a while. */
export async function rotateKey(
  target: Target,
  { key, overlap, out }: { readonly key: string; readonly overlap: string; readonly out?: string },
  output: Output,
): Promise<void> {
  const body = { overlapMs: parseDuration(overlap, '--overlap') };
  const params = { path: { key: parseKey(key) } };
  const ask = (client: AdminClient) => client.POST('/v1/keys/{key}/rotate', { params, body });
  await issue(target, { ask, out }, output);
}

/** Ends a key at once. */
export async function revokeKey(target: Target, key: string, output: Output): Promise<void> {
  const params = { path: { key: parseKey(key) } };
  const client = await connect(target);
  const revoked = await answered(client.POST('/v1/keys/{key}/revoke', { params }));
  output.print(output.json ? JSON.stringify(revoked) : describeKey(revoked, Date.now()));
}

/** Shows every key; no credential is among what is shown. */
export async function listKeys(target: Target, output: Output): Promise<void> {
  const client = await connect(target);
  const keys = await everyItem('keys', (query) => client.GET('/v1/keys', { params: { query } }));
  if (output.json) return output.print(JSON.stringify({ keys }));
  if (keys.length === 0) output.print('no key was made');
  const nowMs = Date.now();
  const rows = keys.map((key) => [key.key, key.scope, key.name, ...stateOf(key, nowMs)]);
  for (const line of toTable(COLUMNS, rows, output.columns)) output.print(line);
}

interface Issue {
  readonly ask: (client: AdminClient) => Promise<{ readonly data?: Issued }>;
  readonly out: string | undefined;
}

async function issue(target: Target, { ask, out }: Issue, output: Output): Promise<void> {
  const client = await connect(target);
  // The file first: a credential that cannot be written down is lost.
  if (out !== undefined) await reserve(out);
  const { credential, ...shown } = await answered(ask(client));
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

function parseScope(text: string): Scope {
  const scope = SCOPES.find((one) => one === text);
  if (scope === undefined)
    throw new Refusal('CONFIG_INVALID', `--scope: expected one of ${SCOPES.join(', ')}`);
  return scope;
}

function parseKey(key: string): string {
  if (/^[0-9a-f]{16}$/.test(key)) return key;
  throw new Refusal(
    'CONFIG_INVALID',
    `${key} does not name a key: expected the 16 digits that keys list shows`,
  );
}

const COLUMNS = ['key', 'scope', 'name', 'used', 'state'].map((head) => ({ head }));

function describeKey(key: ShownKey, nowMs: number): string {
  const [used, state] = stateOf(key, nowMs);
  return `${key.key} ${key.scope} ${key.name}: ${state}, ${used === '-' ? 'never used' : `last used ${used}`}`;
}

/** When it was last used, and whether and until when it is good. */
function stateOf(
  { expiresMs, revokedMs, lastUsedMs, overlapUntilMs }: ShownKey,
  nowMs: number,
): [string, string] {
  const parts = [
    revokedMs !== null && `revoked ${toTime(revokedMs)}`,
    expiresMs !== null && `${expiresMs <= nowMs ? 'expired' : 'expires'} ${toTime(expiresMs)}`,
    overlapUntilMs !== null &&
      overlapUntilMs > nowMs &&
      `the credential before is good until ${toTime(overlapUntilMs)}`,
  ].filter((part) => part !== false);
  return [toTime(lastUsedMs), parts.join(', ') || 'good'];
}
