import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex, type Bytes, type Digest } from '@blindsum/proto';
import {
  parseBundlePath,
  parseEntryBundle,
  parseLeaf,
  toRedactionName,
  toRoundName,
} from '@blindsum/proto/tlog';
import { breakEachCall } from '../../../test/fixtures/disk/broken-calls.ts';
import type { SimulatedDisk } from '../../../test/fixtures/disk/simulated-disk.ts';
import { openFileLogStore } from './file-log-store.ts';
import { createLogKeys } from './log-keys.ts';
import { appendIncidents, incidentOf } from './log-store.contract.ts';
import { createMemoryLogStore } from './memory-log-store.ts';
import { openSequencer, type Log } from './sequencer.ts';

const keys = createLogKeys('log.example.org', new Uint8Array(32).fill(7));
const REASON = 'asked for by hospital-b';
const NAME = `failure of attempt 1 of ${toRoundName({ job: 'job-1', round: 2 })}`;
const DIGEST = 'ab'.repeat(32) as Digest;
const bodyOf = (record: Digest) => `records/${record}.json`;

/** A log of its charter and three records, the second of which is about to be erased. */
async function createLog(files = new Map<string, Bytes>()) {
  const log = await openSequencer(createMemoryLogStore(files), keys);
  await appendIncidents(log, 1, 3);
  return { files, log, record: log.find(NAME)!.record };
}
const reopen = (files: Map<string, Bytes>) => openSequencer(createMemoryLogStore(files), keys);

function entryDigests(files: Map<string, Bytes>): string[] {
  const path = [...files.keys()].filter((file) => file.startsWith('tile/entries/')).at(-1)!;
  return parseEntryBundle(files.get(path)!, parseBundlePath(path).width).map((entry) =>
    toHex(parseLeaf(entry).paeDigest),
  );
}

test('an erased record keeps its entry, and the log says that it is erased, and why', async () => {
  const { files, log, record } = await createLog();
  const { index } = await log.erase(record, REASON);
  assert.equal(files.has(bodyOf(record)), false);
  assert.equal(entryDigests(files)[2], record);
  const { kind, predicate } = await log.read(log.find(toRedactionName(record))!.record);
  assert.deepEqual({ kind, index }, { kind: 'redaction', index: 4 });
  const { name: _, ...said } = predicate as { name: string };
  assert.deepEqual(said, { record, kind: 'incident', job: 'job-1', reason: REASON });
});

test('a log with an erased record opens again, grows, and takes no other record in its place', async () => {
  const { files, log, record } = await createLog();
  await log.erase(record, REASON);
  const again = await reopen(files);
  assert.deepEqual(again.latest(), log.latest());
  assert.deepEqual(again.find(NAME), { index: 2, record });
  assert.deepEqual(await appendIncidents(again, 2, 4), [2, 3, 5]);
  assert.equal(files.has(bodyOf(record)), false, 'a retry does not bring the body back');
  await assert.rejects(again.append(incidentOf(2, 'ANOTHER')), { code: 'CONFLICTING_SUBMISSION' });
});

test('erasing is retried, whatever the reason', async () => {
  const { files, log, record } = await createLog();
  const first = await log.erase(record, REASON);
  assert.deepEqual(await log.erase(record, 'another'), first);
  assert.deepEqual(await (await reopen(files)).erase(record, 'another'), first);
});

test('a body that is missing without a redaction is damage', async () => {
  const { files, record } = await createLog();
  files.delete(bodyOf(record));
  await assert.rejects(reopen(files), /is missing, and no redaction says so/);
});

test('a body that a crash left behind, or a backup brought back, is removed when the log is opened', async () => {
  const { files, log, record } = await createLog();
  const body = files.get(bodyOf(record))!;
  await log.erase(record, REASON);
  files.set(bodyOf(record), body);
  await reopen(files);
  assert.equal(files.has(bodyOf(record)), false);
});

test('what the log rests on, and what it does not have, is not erased', async () => {
  const { log } = await createLog();
  const charter = log.find('charter')!.record;
  await assert.rejects(log.erase(charter, REASON), { code: 'NOT_ALLOWED' });
  await assert.rejects(log.erase(DIGEST, REASON), { code: 'NOT_FOUND' });
  const { record } = await log.erase(log.find(NAME)!.record, REASON);
  await assert.rejects(log.erase(record, REASON), { code: 'NOT_ALLOWED' });
  assert.equal(log.latest().size, 5);
});

test('a revocation is not erased, which a restored backup needs, nor is a manifest; other records of both are', async () => {
  const { log } = await createLog();
  const about = { member: DIGEST, certificate: DIGEST, notAfter: 1 };
  const logged = async (record: Parameters<Log['append']>[0]) => (await log.append(record)).record;
  const issued = await logged({ kind: 'certificate', predicate: { event: 'issued', ...about } });
  const revocation = { event: 'revoked', ...about, reason: 'unspecified' };
  const revoked = await logged({ kind: 'certificate', predicate: revocation });
  const signed = { author: DIGEST, authorSignature: '0'.repeat(128), consents: [] };
  const terms = { job: 'job-1', manifestHash: DIGEST, rosterHash: DIGEST };
  const manifest = await logged({ kind: 'manifest', predicate: { ...terms, ...signed } });
  const { size } = log.latest();
  for (const record of [revoked, manifest])
    await assert.rejects(log.erase(record, REASON), { code: 'NOT_ALLOWED', message: /others rest on it/ });
  assert.equal(log.latest().size, size);
  await log.read(revoked);
  await log.erase(issued, REASON);
  assert.equal(log.latest().size, size + 1);
});

test('an erasure that is broken anywhere leaves a log that opens, and the same again makes it whole', async () => {
  const open = async (disk: SimulatedDisk) => openSequencer(await openFileLogStore(`${disk.root}/log`), keys);
  const erase = (log: Log) => log.erase(log.find(NAME)!.record, REASON);
  await breakEachCall({
    prepare: async (disk) => void (await appendIncidents(await open(disk), 1, 3)),
    act: async (disk) => erase(await open(disk)),
    async check(disk, what, isAcknowledged) {
      const log = await open(disk).catch((error: unknown) => {
        throw new Error(what, { cause: error });
      });
      const { size } = log.latest();
      assert.ok(size === 5 || (size === 4 && !isAcknowledged), `${what}: ${size}`);
      const { record } = log.find(NAME)!;
      const read = async () => (await openFileLogStore(`${disk.root}/log`)).read(bodyOf(record));
      assert.equal((await read()) === undefined, size === 5, `${what}: the body and the redaction disagree`);
      await erase(log);
      disk.losePower(() => false);
      assert.equal((await open(disk)).latest().size, 5, what);
      assert.equal(await read(), undefined, what);
    },
  });
});
