import assert from 'node:assert/strict';
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import type { Bytes } from '@blindsum/proto';
import { fsck } from './fsck.ts';
import { openHttpLogReader, type Fetch } from './http-log-reader.ts';
import { MAX_FILE_BYTES } from './log-reader.ts';
import { openLogReader } from './open-log-reader.ts';
import { sampleRecords, VKEY, writeLog } from './sample-log.fixture.ts';

const root = await mkdtemp(join(tmpdir(), 'blindsum-audit-'));
after(() => rm(root, { recursive: true }));
const files = writeLog(sampleRecords(1));

async function writeFolder(name: string): Promise<string> {
  const folder = join(root, name);
  for (const [path, bytes] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
  return folder;
}

/** A static file server without a network. */
function serve(asked: string[] = []): Fetch {
  return async (url) => {
    asked.push(url.href);
    const bytes = files.get(url.pathname.slice('/log/'.length));
    return bytes ? new Response(new Uint8Array(bytes)) : new Response('not found', { status: 404 });
  };
}

test('a folder and an address give the same verdict', async () => {
  const fromFolder = await fsck(await openLogReader(await writeFolder('intact')), VKEY);
  const fromAddress = await fsck(openHttpLogReader('https://log.example.org/log', serve()), VKEY);
  assert.equal(fromFolder.ok, true);
  assert.deepEqual({ ...fromAddress, source: fromFolder.source }, fromFolder);
});

test('an address is read below its path, with or without a final slash', async () => {
  for (const address of ['https://log.example.org/log', 'https://log.example.org/log/']) {
    const asked: string[] = [];
    await openHttpLogReader(address, serve(asked)).read('tile/0/000.p/5');
    assert.deepEqual(asked, ['https://log.example.org/log/tile/0/000.p/5']);
  }
});

test('a file that is not there is absent, in a folder and at an address', async () => {
  const folder = await openLogReader(await writeFolder('absent'));
  for (const path of ['tile/9/000', 'checkpoint/under-a-file'])
    assert.equal(await folder.read(path), undefined);
  assert.equal(await openHttpLogReader('https://log.example.org/log', serve()).read('tile/9/000'), undefined);
});

test('every tile of a folder is listed', async () => {
  const reader = await openLogReader(await writeFolder('listed'));
  assert.deepEqual(
    await reader.listTiles(),
    [...files.keys()].filter((path) => path.startsWith('tile/')).sort(),
  );
});

const ANSWERS: Record<string, () => Promise<Response>> = {
  'a server error': async () => new Response('oops', { status: 500 }),
  'no connection': () =>
    Promise.reject(new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') })),
  'no answer in time': () => Promise.reject(new DOMException('timeout', 'TimeoutError')),
  'an endless file': async () => new Response(endless()),
};

function endless(): ReadableStream<Bytes> {
  const chunk = new Uint8Array(1 << 20);
  return new ReadableStream({ pull: (controller) => controller.enqueue(chunk) });
}

for (const [name, answer] of Object.entries(ANSWERS)) {
  test(`an address cannot be read: ${name}`, async () => {
    const reader = openHttpLogReader('https://log.example.org/log', answer);
    await assert.rejects(reader.read('checkpoint'), { code: 'UNAVAILABLE' });
  });
}

test('a folder cannot be read: it is not there, is a file, or holds a file that no log has', async () => {
  const folder = await writeFolder('huge');
  await assert.rejects(openLogReader(join(root, 'nowhere')), { code: 'UNAVAILABLE' });
  await assert.rejects(openLogReader(join(folder, 'checkpoint')), { code: 'UNAVAILABLE' });
  const huge = await open(join(folder, 'checkpoint'), 'w');
  await huge.truncate(MAX_FILE_BYTES + 1);
  await huge.close();
  await assert.rejects((await openLogReader(folder)).read('checkpoint'), { code: 'UNAVAILABLE' });
});
