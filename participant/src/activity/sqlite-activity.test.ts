// The history of a site: bounded, and kept across processes.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { ACTIVITY_FILE, openActivity } from './open-activity.ts';
import { SqliteSent } from './sqlite-sent.ts';

const directory = mkdtempSync(join(tmpdir(), 'blindsum-activity-'));
after(() => rmSync(directory, { recursive: true }));

let folders = 0;
function freshFolder(): string {
  return mkdtempSync(join(directory, `${++folders}-`));
}

/** A ledger that folds beyond so many rows, over the real tables. */
function smallLedger(maxRows: number) {
  const folder = freshFolder();
  openActivity(folder).close();
  const database = new DatabaseSync(join(folder, ACTIVITY_FILE));
  return { ledger: new SqliteSent(database, (action) => action(), maxRows), close: () => database.close() };
}

test('the oldest rounds are counted together, and no total changes', () => {
  const { ledger, close } = smallLedger(8);
  for (let round = 0; round < 30; round++)
    ledger.record({ kind: 'opening', job: 'a', round, attempt: 1, bytes: 10, atMs: round });
  const totals = ledger.totals();
  assert.ok(totals.length <= 8, `${totals.length} rows`);
  assert.equal(
    totals.reduce((sum, { bytes }) => sum + bytes, 0),
    300,
  );
  assert.equal(totals[0]?.round, 29);
  const { round, times, firstMs, job } = totals.at(-1)!;
  assert.deepEqual([round, firstMs, job], [undefined, 0, 'a']);
  assert.ok(times > 20);
  close();
});

test('a coordinator that makes up jobs without end fills no disk', () => {
  const { ledger, close: closeLedger } = smallLedger(8);
  for (let i = 0; i < 100; i++) ledger.record({ kind: 'question', job: `job-${i}`, bytes: 1, atMs: i });
  const totals = ledger.totals();
  assert.ok(totals.length <= 8, `${totals.length} rows`);
  assert.equal(
    totals.reduce((sum, { times }) => sum + times, 0),
    100,
  );
  assert.equal(totals.at(-1)?.job, undefined);
  closeLedger();
  const { work, close } = openActivity(freshFolder());
  for (let i = 0; i < 250; i++) work.recordOffer({ job: `job-${i}`, ...DOCUMENTS }, i);
  assert.equal(work.offers().length, 200);
  assert.equal(work.offers()[0]?.job, 'job-50');
  close();
});

const DOCUMENTS = {
  manifest: new Uint8Array([1]),
  authorSignature: new Uint8Array([2]),
  roster: new Uint8Array([3]),
};

test('an offer keeps when it was first seen, and what is shown now', () => {
  const { work, close } = openActivity(freshFolder());
  work.recordOffer({ job: 'a', ...DOCUMENTS }, 5);
  const manifest = new Uint8Array([9]);
  work.recordOffer({ job: 'a', ...DOCUMENTS, manifest }, 8);
  const [offer] = work.offers();
  assert.deepEqual([...offer!.manifest], [9]);
  assert.deepEqual([offer!.firstMs, offer!.lastMs], [5, 8]);
  close();
});

test('what a job does is changed part by part, and read by another process', () => {
  const folder = freshFolder();
  const agent = openActivity(folder);
  agent.work.recordStart({ version: '1', startedMs: 3 });
  agent.work.recordWork('a', { stop: { code: 'POLICY_FORBIDS', detail: 'no', atMs: 4 } });
  agent.work.recordWork('a', { consentedMs: 5 });
  agent.work.forgetStop('a');
  const reader = openActivity(folder);
  assert.deepEqual(reader.work.works(), [{ job: 'a', consentedMs: 5 }]);
  assert.deepEqual(reader.work.start(), { version: '1', startedMs: 3 });
  reader.close();
  agent.close();
});

test('a file of a later version is refused and not touched', () => {
  const folder = freshFolder();
  openActivity(folder).close();
  const database = new DatabaseSync(join(folder, ACTIVITY_FILE));
  database.exec('PRAGMA user_version = 99');
  assert.throws(() => openActivity(folder), /CONFIG_INVALID: activity.sqlite has version 99/);
  database.close();
});
