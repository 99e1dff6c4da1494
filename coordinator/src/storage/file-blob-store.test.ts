import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Refusal, type Digest, type JobId, type SiteId } from '@blindsum/proto';
import type { BlobName } from '../ports.ts';
import { HEADER_BYTES } from './blob-file.ts';
import { describeBlobStore } from './blob-store.contract.ts';
import { createFileBlobStore } from './file-blob-store.ts';

const directory = mkdtempSync(join(tmpdir(), 'blindsum-blobs-'));
after(() => rmSync(directory, { recursive: true, force: true }));

const freshRoot = (): string => mkdtempSync(join(directory, 'root-'));
const NAME: BlobName = {
  id: { job: 'job-1' as JobId, round: 3, attempt: 2 },
  kind: 'shares',
  owner: 'site-a' as SiteId,
};
const pathIn = (root: string): string => join(root, 'job-1', '3-2', 'site-a.shares');

describeBlobStore('files', async () => createFileBlobStore(freshRoot()));
describeBlobStore('files, one open at a time', async () =>
  createFileBlobStore(freshRoot(), { maxOpenFiles: 1 }),
);

test('a blob outlives the store that wrote it', async () => {
  const root = join(freshRoot(), 'made', 'on', 'demand');
  await createFileBlobStore(root).append(NAME, 0, Uint8Array.of(1, 2));
  const reopened = createFileBlobStore(root);
  await reopened.append(NAME, 2, Uint8Array.of(3));
  assert.deepEqual(await reopened.read(NAME, 0, 3), Uint8Array.of(1, 2, 3));
});

test('a blob is read into memory that is there already, or not at all', async () => {
  const store = createFileBlobStore(freshRoot());
  const target = new Uint8Array(2);
  await assert.rejects(() => store.readInto(NAME, 0, target), Refusal);
  await store.append(NAME, 0, Uint8Array.of(1, 2, 3));
  await store.readInto(NAME, 1, target);
  assert.deepEqual(target, Uint8Array.of(2, 3));
  await assert.rejects(() => store.readInto(NAME, 2, target.fill(0)), Refusal);
  assert.deepEqual(target, Uint8Array.of(0, 0));
});

test('a crash in the middle of an append leaves the bytes of the last one that returned, and the next overwrites the rest', async () => {
  const root = freshRoot();
  await createFileBlobStore(root).append(NAME, 0, Uint8Array.of(1, 2));
  appendFileSync(pathIn(root), Uint8Array.of(9, 9, 9));
  const store = createFileBlobStore(root);
  assert.equal(await store.size(NAME), 2);
  await assert.rejects(() => store.read(NAME, 0, 3), Refusal);
  await store.append(NAME, 2, Uint8Array.of(3));
  assert.equal(await store.size(NAME), 3);
  assert.deepEqual(await store.read(NAME, 0, 3), Uint8Array.of(1, 2, 3));
});

test('a crash in the middle of the first append leaves an empty blob', async () => {
  const root = freshRoot();
  const store = createFileBlobStore(root);
  await store.append(NAME, 0, Uint8Array.of(1, 2));
  for (const left of [new Uint8Array(0), new Uint8Array(7), new Uint8Array(HEADER_BYTES + 1)]) {
    writeFileSync(pathIn(root), left);
    assert.equal(await store.size(NAME), 0);
  }
  await store.append(NAME, 0, Uint8Array.of(5));
  assert.deepEqual(await store.read(NAME, 0, 1), Uint8Array.of(5));
});

test('a file that lost bytes it had promised, or that is no blob, is not taken for one', async () => {
  const root = freshRoot();
  const store = createFileBlobStore(root);
  await store.append(NAME, 0, Uint8Array.of(1, 2));
  truncateSync(pathIn(root), HEADER_BYTES + 1);
  await assert.rejects(() => store.size(NAME), /lost data/);
  await assert.rejects(() => store.append(NAME, 1, Uint8Array.of(1)), /lost data/);
  writeFileSync(pathIn(root), 'x'.repeat(HEADER_BYTES));
  await assert.rejects(() => store.read(NAME, 0, 1), /is none/);
});

test('a name that could leave the root is refused', async () => {
  const root = freshRoot();
  const store = createFileBlobStore(root);
  const bad: BlobName[] = [
    { ...NAME, owner: '../site-a' as SiteId },
    { ...NAME, owner: '' as SiteId },
    { ...NAME, owner: 'a/b' as SiteId },
    { ...NAME, owner: 'a\0' as SiteId },
    { ...NAME, kind: 'sum' },
    { ...NAME, kind: '../x' as 'shares' },
    { ...NAME, owner: 'ab'.repeat(32) as Digest },
    { ...NAME, id: { ...NAME.id, job: '..' as JobId } },
    { ...NAME, id: { ...NAME.id, round: -1 } },
    { ...NAME, id: { ...NAME.id, attempt: 1.5 } },
    { ...NAME, id: { ...NAME.id, attempt: '/../..' as unknown as number } },
  ];
  for (const name of bad) {
    const calls = [
      () => store.size(name),
      () => store.append(name, 0, Uint8Array.of(1)),
      () => store.read(name, 0, 1),
      () => store.remove(name),
    ];
    for (const call of calls) {
      await assert.rejects(call, (error) => error instanceof Refusal && error.code === 'MALFORMED');
    }
  }
  assert.deepEqual(readdirSync(root), []);
});

test('a process killed while it appends keeps every append that returned', async () => {
  const root = freshRoot();
  const script = `
    import { writeSync } from 'node:fs';
    import { createFileBlobStore } from ${JSON.stringify(new URL('./file-blob-store.ts', import.meta.url).href)};
    const store = createFileBlobStore(${JSON.stringify(root)});
    const name = ${JSON.stringify(NAME)};
    for (let n = 0; ; n++) {
      await store.append(name, n * 100_000, new Uint8Array(100_000).fill(n));
      writeSync(1, n + '\\n');
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  for await (const text of child.stdout.setEncoding('utf8')) {
    printed += text as string;
    if (printed.length > 10) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  const returned = printed.trim().split('\n').length;
  const size = await createFileBlobStore(root).size(NAME);
  assert.equal(size % 100_000, 0);
  assert.ok(
    size === returned * 100_000 || size === (returned + 1) * 100_000,
    `${returned} returned, ${size} bytes`,
  );
  const file = readFileSync(pathIn(root));
  for (let n = 0; n < returned; n++) assert.equal(file[HEADER_BYTES + n * 100_000 + 99_999], n);
});
