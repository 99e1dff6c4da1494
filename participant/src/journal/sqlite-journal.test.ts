import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { Refusal, type Digest, type JobId } from '@blindsum/proto';
import { describeJournal } from './journal-contract.ts';
import { SCHEMA } from './journal-schema.ts';
import { openSqliteJournal } from './sqlite-journal.ts';

const folder = mkdtempSync(join(tmpdir(), 'blindsum-journal-'));
after(() => rmSync(folder, { recursive: true }));

let files = 0;
const freshPath = () => join(folder, `journal-${++files}.sqlite`);

describeJournal('a journal in a SQLite file', () => openSqliteJournal(freshPath()));
describeJournal('a journal in memory', () => openSqliteJournal(':memory:'));

/** Records an opening and dies at once, as between the record and the sending. */
function recordAndDie(path: string): NodeJS.Signals | null {
  const module = new URL('./sqlite-journal.ts', import.meta.url).href;
  const program = `
    const { openSqliteJournal } = await import(${JSON.stringify(module)});
    const message = { payload: new Uint8Array(3), signature: new Uint8Array(64) };
    const opening = { attempt: 1, setRoot: 'a'.repeat(64), message, file: 'opening' };
    openSqliteJournal(${JSON.stringify(path)}).recordOpening('job', 5, opening);
    process.kill(process.pid, 'SIGKILL');`;
  return spawnSync(process.execPath, ['--input-type=module', '--eval', program]).signal;
}

test('a site killed after recording an opening opens no other set when it is back', () => {
  const path = freshPath();
  assert.equal(recordAndDie(path), 'SIGKILL');
  const journal = openSqliteJournal(path);
  const message = { payload: new Uint8Array(3).fill(9), signature: new Uint8Array(64) };
  const opening = { attempt: 1, setRoot: 'a'.repeat(64) as Digest, message, file: 'opening' };
  assert.deepEqual(journal.recordOpening('job' as JobId, 5, opening).message.payload, new Uint8Array(3));
  const other = { ...opening, attempt: 2, setRoot: 'b'.repeat(64) as Digest };
  assert.throws(
    () => journal.recordOpening('job' as JobId, 5, other),
    (error) => error instanceof Refusal && error.code === 'ALREADY_OPENED',
  );
  journal.close();
});

test('two processes with one journal cannot open two sets', () => {
  const path = freshPath();
  const [one, two] = [openSqliteJournal(path), openSqliteJournal(path)];
  const message = { payload: new Uint8Array(3), signature: new Uint8Array(64) };
  const opening = (digit: string) => ({
    attempt: 1,
    setRoot: digit.repeat(64) as Digest,
    message,
    file: 'opening',
  });
  one.recordOpening('job' as JobId, 1, opening('a'));
  assert.throws(() => two.recordOpening('job' as JobId, 1, opening('b')), /ALREADY_OPENED/);
  one.close();
  two.close();
});

test('a journal flushes every commit to the disk', (t) => {
  const exec = t.mock.method(DatabaseSync.prototype, 'exec');
  openSqliteJournal(freshPath()).close();
  assert.match(exec.mock.calls.map((call) => call.arguments[0]).join(), /PRAGMA synchronous = FULL/);
});

test('a journal of version 1 is brought up to date, and nothing in it is lost', () => {
  const path = freshPath();
  const old = new DatabaseSync(path);
  old.exec(`${SCHEMA} PRAGMA user_version = 1`);
  old.exec("INSERT INTO models VALUES ('job', 3, 'ab', 'model-3')");
  old.close();
  const journal = openSqliteJournal(path);
  assert.equal(journal.model('job' as JobId)?.file, 'model-3');
  assert.deepEqual(journal.rosters(), []);
  journal.close();
});

test('a journal of a later version is refused and not touched', () => {
  const path = freshPath();
  openSqliteJournal(path).close();
  const database = new DatabaseSync(path);
  database.exec('PRAGMA user_version = 99');
  assert.throws(() => openSqliteJournal(path), /CONFIG_INVALID: the journal has version 99/);
  assert.equal(database.prepare('PRAGMA user_version').get()?.['user_version'], 99);
  database.close();
});
