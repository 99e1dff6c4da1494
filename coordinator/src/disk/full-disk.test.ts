// On a real file system without room: whatever is stored is refused or waits, nothing acknowledged is lost, and all goes on later.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { Refusal, type JobId, type SiteId } from '@blindsum/proto';
import { createLogKeys } from '../log/log-keys.ts';
import { incidentOf } from '../log/log-store.contract.ts';
import { openFileLogStore } from '../log/file-log-store.ts';
import { openSequencer } from '../log/sequencer.ts';
import type { BlobName, StoredMessage } from '../ports.ts';
import { COLLECTING } from '../round/sample-rounds.fixture.ts';
import { mountSmallDisk, NO_SMALL_DISK } from '../small-disk.fixture.ts';
import { openSqliteDatabase } from '../storage/database.ts';
import { createFileBlobStore } from '../storage/file-blob-store.ts';
import { createListedBlobs } from '../storage/listed-blobs.ts';
import { createSqliteRoundStore } from '../storage/sqlite-round-store.ts';
import { isDiskFull, refusingWhenFull } from './full-disk.ts';

const disk = mountSmallDisk(4 << 20)!;
after(() => disk?.remove());
const options = disk ? {} : { skip: NO_SMALL_DISK };

const ID = { job: 'job-1' as JobId, round: 1, attempt: 1 };
const NAME: BlobName = { id: ID, kind: 'ciphertext', owner: 'site-a' as SiteId };

test(
  'an append that finds no room leaves what was there, takes no room, and succeeds later',
  options,
  async () => {
    let noted = 0;
    const store = refusingWhenFull(
      createListedBlobs(createFileBlobStore(join(disk.path, 'blobs'))),
      () => noted++,
    );
    const part = new Uint8Array(100_000).fill(7);
    await store.append(NAME, 0, part);
    disk.fill(50_000);
    const free = disk.freeBytes();
    for (let again = 0; again < 3; again++) {
      await assert.rejects(store.append(NAME, part.length, part), isQuota);
      await assert.rejects(store.append({ ...NAME, kind: 'shares' }, 0, part), isQuota);
      assert.equal(await store.size(NAME), part.length);
      assert.equal(disk.freeBytes(), free, 'half of a part stays on a full disk');
    }
    assert.equal(noted, 6);
    assert.deepEqual(
      (await store.list(ID.job)).map(({ bytes }) => bytes),
      [part.length, 0],
    );
    disk.makeRoom();
    await store.append(NAME, part.length, part);
    const all = await createFileBlobStore(join(disk.path, 'blobs')).read(NAME, 0, 2 * part.length);
    assert.ok(all.every((byte) => byte === 7));
  },
);

test('a message and the state it leads to are stored together or not at all', options, async () => {
  const database = await openSqliteDatabase(join(disk.path, 'rounds.sqlite'));
  const store = createSqliteRoundStore(database);
  let stored = await store.create(ID, { round: COLLECTING, owed: [], startedMs: 1 });
  disk.fill();
  let isFull = false;
  for (let n = 0; n < 40 && !isFull; n++) {
    try {
      stored = (await store.replace(stored, stored, [messageOf(n)]))!;
    } catch (error) {
      assert.ok(isDiskFull(error), String(error));
      isFull = true;
    }
  }
  assert.ok(isFull, 'the disk was never full');
  assert.deepEqual(await store.load(ID), stored);
  assert.equal((await store.messages(ID)).length, stored.version - 1);
  await assert.rejects(store.create({ ...ID, round: 2 }, stored), isDiskFull);
  disk.makeRoom();
  assert.equal((await store.replace(stored, stored, [messageOf(99)]))!.version, stored.version + 1);
  assert.equal((await store.messages(ID)).length, stored.version);
  await database.destroy();
});

test(
  'a record that finds no room enters the log later, in its place, and leaves nothing half-written',
  options,
  async () => {
    const folder = join(disk.path, 'log');
    const keys = createLogKeys('log.example.org', new Uint8Array(32).fill(7));
    const log = await openSequencer(await openFileLogStore(folder), keys);
    await log.append(incidentOf(1));
    // Every step of a record finds the disk full once.
    let failures = 0;
    for (let left = 0; left < 40_000; left += 4096) {
      disk.fill(left);
      await log.append(incidentOf(2)).catch((error: unknown) => {
        assert.ok(isDiskFull(error), String(error));
        failures++;
      });
      assert.deepEqual(readdirSync(join(folder, 'tmp')), []);
    }
    assert.ok(failures > 1, String(failures));
    disk.fill();
    const reopened = await openSequencer(await openFileLogStore(folder), keys);
    assert.equal(reopened.latest().size, log.latest().size, 'a log opens without room');
    disk.makeRoom();
    assert.equal((await log.append(incidentOf(2))).index, 2);
    assert.equal((await log.append(incidentOf(3))).index, 3);
    assert.equal((await openSequencer(await openFileLogStore(folder), keys)).latest().size, 4);
  },
);

test('a file that may grow no further is no different, wherever tests run', async () => {
  const root = mkdtempSync(join(tmpdir(), 'blindsum-file-limit-'));
  after(() => rmSync(root, { recursive: true }));
  const store = new URL('../storage/file-blob-store.ts', import.meta.url).href;
  const script = `
    import { createFileBlobStore } from ${JSON.stringify(store)};
    const store = createFileBlobStore(${JSON.stringify(root)});
    const name = ${JSON.stringify(NAME)};
    for (let n = 0; ; n++) {
      try {
        await store.append(name, n * 10_000, new Uint8Array(10_000).fill(n + 1));
      } catch (error) {
        console.log(JSON.stringify({ code: error.code, acknowledged: n * 10_000 }));
        break;
      }
    }`;
  // In units of 512 or 1024 bytes: the shells disagree.
  const command = `ulimit -f 64 && exec "$0" --input-type=module -e "$1"`;
  const { stdout } = await promisify(execFile)('sh', ['-c', command, process.execPath, script]);
  const { code, acknowledged } = JSON.parse(stdout) as { code: string; acknowledged: number };
  assert.equal(code, 'EFBIG');
  const again = createFileBlobStore(root);
  assert.equal(await again.size(NAME), acknowledged);
  assert.equal((await again.read(NAME, acknowledged - 1, 1))[0], acknowledged / 10_000);
  await again.append(NAME, acknowledged, new Uint8Array(10_000));
});

test('a database that may grow no further is no different either, and goes on once it may', async () => {
  const root = mkdtempSync(join(tmpdir(), 'blindsum-database-limit-'));
  after(() => rmSync(root, { recursive: true }));
  const source = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const script = `
    import { execFileSync } from 'node:child_process';
    import { openSqliteDatabase } from ${source('../storage/database.ts')};
    import { createSqliteRoundStore } from ${source('../storage/sqlite-round-store.ts')};
    import { COLLECTING } from ${source('../round/sample-rounds.fixture.ts')};
    import { isDiskFull } from ${source('./full-disk.ts')};
    const database = await openSqliteDatabase(${JSON.stringify(join(root, 'rounds.sqlite'))});
    const store = createSqliteRoundStore(database);
    const create = (round) => store.create({ job: 'job-1', round, attempt: 1 }, { round: COLLECTING, owed: [], startedMs: 1 });
    const limit = (bytes) => execFileSync('prlimit', ['--pid', String(process.pid), '--fsize=' + bytes + ':']);
    limit(300_000);
    let rounds = 0;
    let refused;
    for (; refused === undefined; rounds++) await create(rounds).catch((error) => (refused = error));
    rounds--;
    const held = (await store.list('job-1')).length;
    limit('unlimited');
    await create(rounds);
    console.log(JSON.stringify({ isFull: isDiskFull(refused), lost: rounds - held, goesOn: (await store.list('job-1')).length - held }));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  assert.deepEqual(JSON.parse(stdout), { isFull: true, lost: 0, goesOn: 1 });
  assert.deepEqual(
    readdirSync(root).filter((name) => name.includes('probe')),
    [],
  );
});

test('only errors that come from a full disk are taken for one', () => {
  const errno = (code: string) => Object.assign(new Error(code), { code });
  for (const code of ['ENOSPC', 'EDQUOT', 'EFBIG']) {
    assert.ok(isDiskFull(errno(code)));
    assert.ok(
      isDiskFull(new Error('outer', { cause: new Refusal('QUOTA_EXCEEDED', 'x', { cause: errno(code) }) })),
    );
  }
  for (const error of [errno('EIO'), errno('EROFS'), new Refusal('QUOTA_EXCEEDED', 'x'), undefined, 'ENOSPC'])
    assert.equal(isDiskFull(error), false);
  assert.ok(isDiskFull(Object.assign(new Error('full'), { errcode: 13 })));
  assert.equal(isDiskFull(Object.assign(new Error('i/o'), { errcode: 10 })), false);
});

const isQuota = (error: unknown): boolean =>
  error instanceof Refusal && error.code === 'QUOTA_EXCEEDED' && isDiskFull(error);

function messageOf(n: number): StoredMessage {
  const site = 'site-a' as SiteId;
  const message = { payload: new Uint8Array(2000).fill(n), signature: new Uint8Array(64) };
  return { type: 'commitment', site, subject: site, message };
}
