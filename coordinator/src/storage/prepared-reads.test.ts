import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { PreparedReads } from './prepared-reads.ts';

const directory = mkdtempSync(join(tmpdir(), 'blindsum-prepared-'));
after(() => rmSync(directory, { recursive: true, force: true }));

const READ = 'select * from things where thing >= ? order by thing';

function openPrepared() {
  const path = join(directory, 'things.db');
  rmSync(path, { force: true });
  const sqlite = new DatabaseSync(path);
  sqlite.exec('create table things (thing integer); insert into things values (1), (2)');
  const counts = { prepared: 0 };
  const reads = new PreparedReads({
    prepare: (text) => {
      counts.prepared++;
      return sqlite.prepare(text);
    },
  });
  const things = (from: number) =>
    reads
      .prepare(READ)
      .all(from)
      .map((row) => ({ ...row }));
  return { path, sqlite, reads, counts, things };
}

test('a read is prepared once, and answers by the values of each time', () => {
  const { counts, things } = openPrepared();
  assert.deepEqual([things(2), things(0), things(3)], [[{ thing: 2 }], [{ thing: 1 }, { thing: 2 }], []]);
  assert.equal(counts.prepared, 1);
});

test('a read that is kept sees what another connection wrote since, and holds up nobody who writes', () => {
  const { path, things } = openPrepared();
  assert.equal(things(0).length, 2);
  const other = new DatabaseSync(path);
  other.exec('insert into things values (3)');
  assert.equal(things(0).length, 3);
  other.exec("alter table things add column name text default 'x'");
  assert.deepEqual(things(3), [{ thing: 3, name: 'x' }]);
  other.close();
});

test('what writes is prepared each time, lest the values that it wrote are kept', () => {
  const { reads, counts } = openPrepared();
  const write = 'insert into things values (?) returning thing';
  for (const thing of [7, 8]) assert.deepEqual({ ...reads.prepare(write).get(thing) }, { thing });
  assert.equal(counts.prepared, 2);
});

test('of reads that are all different those that were asked for last are kept', () => {
  const { reads, counts, things } = openPrepared();
  for (let n = 0; n < 1000; n++) {
    reads.prepare(`select ${n}`);
    if (n % 100 === 0) things(0);
  }
  assert.equal(counts.prepared, 1001);
  reads.prepare('select 999');
  assert.equal(counts.prepared, 1001);
  reads.prepare('select 1');
  assert.equal(counts.prepared, 1002);
});
