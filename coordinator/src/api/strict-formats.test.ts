import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fastify } from 'fastify';
import { z } from 'zod';
import { addEntityTags, toEntityTag } from './entity-tags.ts';
import { addRead } from './read.ts';
import { useStrictFormats } from './strict-formats.ts';

const answer = z.object({ site: z.string(), bytes: z.int().min(0) });

async function get(given: unknown) {
  const app = fastify();
  useStrictFormats(app);
  addEntityTags(app);
  addRead(app, {
    ...{ name: 'getIt', topic: 'sites', path: '/it', summary: 'It', answer },
    read: () => given as z.output<typeof answer>,
  });
  const { statusCode, headers, body } = await app.inject({ method: 'GET', url: '/it' });
  await app.close();
  return { statusCode, tag: headers.etag, body };
}

test('an answer of another form than its route says never leaves', async () => {
  const secret = 's3cret';
  for (const wrong of [
    { site: secret },
    { site: secret, bytes: '1' },
    { site: secret, bytes: -1 },
    { site: [secret], bytes: 1 },
    null,
  ]) {
    const { statusCode, tag, body } = await get(wrong);
    assert.deepEqual([statusCode, tag], [500, undefined], JSON.stringify(wrong));
    assert.ok(!body.includes(secret), body);
  }
});

test('what a format does not name is left out, and the tag is the hash of what is answered', async () => {
  const { statusCode, tag, body } = await get({ site: 'a', bytes: 1, secret: 's3cret' });
  assert.deepEqual([statusCode, body], [200, '{"site":"a","bytes":1}']);
  assert.equal(tag, toEntityTag(body));
});
