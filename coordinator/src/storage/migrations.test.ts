import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import type { JobId } from '@blindsum/proto';
import { openSqliteDatabase } from './database.ts';
import { createSqliteJobStore } from './sqlite-job-store.ts';
import { createSqliteRoundStore } from './sqlite-round-store.ts';

const directory = mkdtempSync(join(tmpdir(), 'bs-migrations-'));
after(() => rmSync(directory, { recursive: true, force: true }));

/** The tables as version 0.1.0 left them, with the steps it had taken. */
const VERSION_0_1_0 = `
  create table kysely_migration (name varchar(255) not null primary key, timestamp varchar(255) not null);
  create table kysely_migration_lock (id varchar(255) not null primary key, is_locked integer default 0 not null);
  insert into kysely_migration values ('001-jobs', '2026-01-01'), ('002-rounds', '2026-01-01'), ('003-members', '2026-01-01');
  insert into kysely_migration_lock values ('migration_lock', 0);
  create table jobs (job text primary key, version bigint not null, status text not null, manifest blob not null, roster blob not null, submitted_ms bigint not null);
  create table consents (job text not null references jobs (job), site text not null, payload blob not null, signature blob not null, constraint consents_key primary key (job, site));
  create table rounds (job text not null, round bigint not null, attempt bigint not null, version bigint not null, state text not null, owed text not null, started_ms bigint not null, constraint rounds_key primary key (job, round, attempt));
  create table round_messages (job text not null, round bigint not null, attempt bigint not null, type text not null, site text not null, subject text not null, digest text not null, version bigint not null, position bigint not null, payload blob not null, signature blob not null, constraint round_messages_key primary key (job, round, attempt, type, subject, site, digest));
  create table members (site text primary key, signing_key blob not null, sharing_key blob not null, admitted_ms bigint not null, last_seen_ms bigint, version text not null, backend text not null, activity text not null, permille bigint not null);
  create table member_certificates (fingerprint text primary key, site text not null references members (site), sequence bigint not null, constraint member_certificates_order unique (site, sequence));
`;

const ROUND = { job: 'running' as JobId, round: 0, attempt: 1 };
const STATUSES = {
  joining: { state: 'joining' },
  starting: { state: 'starting', consented: ['site-a'] },
  running: { state: 'running', current: ROUND, lastRecord: '' },
  finished: { state: 'finished', last: ROUND, modelHash: 'ab' },
  failed: { state: 'failed', last: ROUND, reason: 'too few' },
} as const;

test('a database of version 0.1.0 is brought up to date, and nothing in it is lost', async () => {
  const path = join(directory, 'old.sqlite');
  const old = new DatabaseSync(path);
  old.exec(VERSION_0_1_0);
  const insertJob = old.prepare('insert into jobs values (?, 3, ?, ?, ?, 7)');
  for (const [job, status] of Object.entries(STATUSES))
    insertJob.run(job, JSON.stringify(status), Uint8Array.of(1), Uint8Array.of(2));
  const insertRound = old.prepare("insert into rounds values (?, 0, ?, 1, '{}', ?, 5)");
  insertRound.run('running', 1, '[{"kind":"advance-job"}]');
  insertRound.run('running', 2, '[]');
  old.close();

  const database = await openSqliteDatabase(path);
  const jobs = createSqliteJobStore(database);
  const open = await jobs.open();
  assert.deepEqual(
    open.map(({ job }) => job),
    ['joining', 'running', 'starting'],
  );
  for (const { job, status, version } of await jobs.list()) {
    assert.deepEqual([version, status], [3, STATUSES[job as keyof typeof STATUSES]]);
    const { manifest, roster, authorSignature } = (await jobs.load(job))!;
    assert.deepEqual([[...manifest], [...roster], authorSignature.length], [[1], [2], 0]);
    assert.equal((await jobs.withdrawals(job)).size, 0);
  }
  await jobs.replace(open[0]!, { state: 'failed', last: ROUND, reason: 'too late' });
  assert.equal((await jobs.open()).length, 2);
  assert.deepEqual(await createSqliteRoundStore(database).owing(), [ROUND]);
  await database.destroy();
});

test('a database that a later version has brought further is not opened, and stays as it is', async () => {
  const path = join(directory, 'later.sqlite');
  await (await openSqliteDatabase(path)).destroy();
  const later = new DatabaseSync(path);
  later.exec("insert into kysely_migration values ('999-of-later', '2026-01-01')");
  const stepsAndTables = () => [
    later.prepare('select name from kysely_migration order by name').all(),
    later.prepare('select sql from sqlite_schema order by name').all(),
  ];
  const before = stepsAndTables();
  await assert.rejects(openSqliteDatabase(path), /^Error: the database could not be brought up to date$/);
  assert.deepEqual(stepsAndTables(), before);
  later.close();
});
