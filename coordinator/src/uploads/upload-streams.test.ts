import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '@blindsum/proto';
import { createUploadStreams, type ReadNext } from './upload-streams.ts';

test('streams for one blob never overlap, and the last one that came finishes', async () => {
  const streams = createUploadStreams(4);
  let running = 0;
  const receive = (n: number) => async (readNext: ReadNext) => {
    running++;
    assert.equal(running, 1);
    try {
      for (const values = numbers(); !(await readNext(values)).done;) await new Promise(setImmediate);
      return n;
    } finally {
      running--;
    }
  };
  const results = await Promise.allSettled([0, 1, 2, 3].map((n) => streams.run('blob', receive(n))));
  const finished = results.filter(({ status }) => status === 'fulfilled');
  assert.equal(finished.length, 1);
  for (const result of results) {
    if (result.status === 'rejected') assert.equal((result.reason as Refusal).code, 'BUSY');
  }
});

test('streams for different blobs run beside each other up to the limit', async () => {
  const streams = createUploadStreams(2);
  const release = Promise.withResolvers<void>();
  const wait = () => release.promise;
  const both = ['a', 'b'].map((key) => streams.run(key, wait));
  await assert.rejects(() => streams.run('c', wait), Refusal);
  release.resolve();
  await Promise.all(both);
  assert.equal(await streams.run('c', async () => 'received'), 'received');
});

test('stopping a blob without a stream does nothing, and with one waits for its end', async () => {
  const streams = createUploadStreams(2);
  await streams.stop('a');
  let ended = false;
  const stream = streams.run('a', async (readNext) => {
    try {
      await readNext({ next: () => new Promise<never>(() => {}) });
    } finally {
      await new Promise(setImmediate);
      ended = true;
    }
  });
  const refused = assert.rejects(stream, Refusal);
  await streams.stop('a');
  assert.equal(ended, true);
  await refused;
});

async function* numbers(): AsyncGenerator<number> {
  for (let n = 0; n < 5; n++) yield n;
}
