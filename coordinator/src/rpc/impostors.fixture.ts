// Calls in somebody else's place. Each impostor makes the very call that a rightful site is about to make.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import type { SiteGrant } from '@blindsum/proto';
import { toServiceDefinition } from '@blindsum/proto/rpc';
import type { SentCall } from '../federation.fixture.ts';

/** Shows `certificate`, or none. */
export function dial(
  { coordinator, caCertificate }: Pick<SiteGrant, 'coordinator' | 'caCertificate'>,
  shown?: { readonly certificate: string; readonly key: string },
): Client {
  const [key, certificate] = shown ? [Buffer.from(shown.key), Buffer.from(shown.certificate)] : [null, null];
  // RFC 6066 allows no address as a server name.
  const options = {
    'grpc.ssl_target_name_override': 'localhost',
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_retries': 0,
  };
  return new Client(
    coordinator,
    credentials.createSsl(Buffer.from(caCertificate), key, certificate),
    options,
  );
}

/** How the call ends: `OK`, a refusal's code, or `status n` for an error without one. */
export function outcomeOf(client: Client, { service, method, requests }: SentCall): Promise<string> {
  const { path, requestSerialize, responseDeserialize, requestStream, responseStream } =
    toServiceDefinition(service)[method]!;
  const options = { deadline: Date.now() + 20_000 };
  return new Promise((resolve) => {
    const answer = (error: ServiceError | null): void => resolve(error ? codeOf(error) : 'OK');
    const shared = [path, requestSerialize, responseDeserialize] as const;
    if (responseStream) {
      client
        .makeServerStreamRequest(...shared, requests[0], new Metadata(), options)
        .on('data', () => {})
        .on('error', (error: ServiceError) => answer(error))
        .on('end', () => answer(null));
    } else if (requestStream) {
      const call = client.makeClientStreamRequest(...shared, new Metadata(), options, answer);
      for (const request of requests) call.write(request);
      call.end();
    } else client.makeUnaryRequest(...shared, requests[0], new Metadata(), options, answer);
  });
}

function codeOf(error: ServiceError): string {
  const [code] = error.metadata.get('blindsum-code');
  return code?.toString() ?? `status ${error.code}: ${error.details}`;
}

/** Everything that a coordinator keeps, as one digest: each row of each table, and every file with its size. */
export async function digestOfState(stateDirectory: string): Promise<string> {
  const hash = createHash('sha256');
  const database = new DatabaseSync(join(stateDirectory, 'coordinator.sqlite'), { readOnly: true });
  try {
    const tables = database
      .prepare("select name from sqlite_master where type = 'table' order by name")
      .all();
    for (const { name } of tables) {
      const statement = database.prepare(`select * from "${String(name)}"`);
      statement.setReadBigInts(true);
      for (const row of statement.iterate()) hash.update(toText(row));
    }
  } finally {
    database.close();
  }
  const files = await readdir(stateDirectory, { recursive: true, withFileTypes: true });
  for (const file of files.filter((entry) => entry.isFile())) {
    const path = join(file.parentPath, file.name);
    // A file under way may be gone by now.
    const found = path.includes('coordinator.sqlite') ? undefined : await stat(path).catch(() => undefined);
    if (found) hash.update(`${path} ${found.size}\n`);
  }
  return hash.digest('hex');
}

function toText(row: Record<string, unknown>): string {
  return JSON.stringify(row, (_key, value: unknown) =>
    typeof value === 'bigint'
      ? `${value}`
      : value instanceof Uint8Array
        ? Buffer.from(value).toString('hex')
        : value,
  );
}

/** Runs `act`, and asserts that it changed nothing. What the coordinator does by itself may come between: then again. */
export async function assertChangesNothing(
  stateDirectory: string,
  what: string,
  act: () => Promise<void>,
): Promise<void> {
  for (let chances = 5; ; chances--) {
    const before = await digestOfState(stateDirectory);
    await act();
    const after = await digestOfState(stateDirectory);
    if (after === before) return;
    assert.ok(chances > 1, `${what} changed what the coordinator keeps`);
  }
}
