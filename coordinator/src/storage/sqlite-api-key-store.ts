// Credentials in SQL, by the hashes of their secrets.
import { refuseUnless, type Digest, type Scope } from '@blindsum/proto';
import type { ApiKey, ApiKeyChange, ApiKeyStore, NewApiKey } from '../access/api-key-store.ts';
import type { ApiKeyRow, Database } from './tables.ts';

export function createSqliteApiKeyStore(database: Database): ApiKeyStore {
  return {
    create: (key) => create(database, key),
    load: (key) => load(database, key),
    list: async () =>
      (await database.selectFrom('api_keys').selectAll().orderBy('created_ms').orderBy('key').execute()).map(
        toApiKey,
      ),
    replace: (before, change) => replace(database, before, change),
    used: (key, atMs) => noteUse(database, key, BigInt(atMs)),
  };
}

async function create(database: Database, key: NewApiKey): Promise<ApiKey> {
  const row = await database
    .insertInto('api_keys')
    .values({
      key: key.key,
      version: 1n,
      name: key.name,
      scope: key.scope,
      secret_hash: key.secretHash,
      retired_hash: null,
      retired_until_ms: null,
      created_ms: BigInt(key.createdMs),
      expires_ms: toColumn(key.expiresMs),
      revoked_ms: null,
      last_used_ms: null,
    })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .returningAll()
    .executeTakeFirst();
  refuseUnless(row !== undefined, 'CONFLICTING_SUBMISSION', 'there is an API key of that name');
  return toApiKey(row);
}

async function load(database: Database, key: string): Promise<ApiKey | undefined> {
  const row = await database.selectFrom('api_keys').selectAll().where('key', '=', key).executeTakeFirst();
  return row && toApiKey(row);
}

async function replace(
  database: Database,
  before: ApiKey,
  { secretHash, retired, revokedMs }: ApiKeyChange,
): Promise<ApiKey | undefined> {
  const row = await database
    .updateTable('api_keys')
    .set({
      version: BigInt(before.version + 1),
      secret_hash: secretHash,
      retired_hash: retired?.hash ?? null,
      retired_until_ms: toColumn(retired?.untilMs),
      revoked_ms: toColumn(revokedMs),
    })
    .where((where) => where.and({ key: before.key, version: BigInt(before.version) }))
    .returningAll()
    .executeTakeFirst();
  return row && toApiKey(row);
}

async function noteUse(database: Database, key: string, atMs: bigint): Promise<void> {
  await database
    .updateTable('api_keys')
    .set({ last_used_ms: atMs })
    .where('key', '=', key)
    .where((where) => where.or([where('last_used_ms', 'is', null), where('last_used_ms', '<', atMs)]))
    .execute();
}

function toApiKey(row: ApiKeyRow): ApiKey {
  const { retired_hash: hash, retired_until_ms: untilMs } = row;
  return {
    key: row.key,
    version: Number(row.version),
    name: row.name,
    scope: row.scope as Scope,
    secretHash: row.secret_hash as Digest,
    retired: hash === null ? undefined : { hash: hash as Digest, untilMs: Number(untilMs) },
    createdMs: Number(row.created_ms),
    expiresMs: fromColumn(row.expires_ms),
    revokedMs: fromColumn(row.revoked_ms),
    lastUsedMs: fromColumn(row.last_used_ms),
  };
}

function toColumn(value: number | undefined): bigint | null {
  return value === undefined ? null : BigInt(value);
}

function fromColumn(value: bigint | null): number | undefined {
  return value === null ? undefined : Number(value);
}
