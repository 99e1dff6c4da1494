import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCalls } from './create-calls.ts';

/** What is sent by a call, and an answer to it. */
function answering(answer: string | null) {
  const sent: Request[] = [];
  const calls = createCalls(
    'https://coordinator.example/',
    { authorization: 'Bearer x' },
    async (request) => {
      sent.push(request);
      return new Response(answer);
    },
  );
  return { calls, sent };
}

test('what stands in a path and a query is written so that it is nothing else, and what is not given is not sent', async () => {
  const { calls, sent } = answering('{"rounds":[]}');
  const job = 'a/../b?c';
  const query: { readonly limit: number } = { limit: 5, ...{ cursor: undefined } };
  const { data } = await calls.GET('/v1/jobs/{job}/rounds', {
    params: { path: { job }, query },
  });
  assert.deepEqual(data, { rounds: [] });
  assert.equal(sent[0]?.url, 'https://coordinator.example/v1/jobs/a%2F..%2Fb%3Fc/rounds?limit=5');
  assert.equal(sent[0].method, 'GET');
  assert.equal(sent[0].headers.get('authorization'), 'Bearer x');
  assert.equal(sent[0].headers.get('content-type'), null);
});

test('a body is JSON, and a call has headers of its own', async () => {
  const { calls, sent } = answering(null);
  const body = { reason: 'a trial' };
  const params = { path: { job: 'a-job' }, header: { 'idempotency-key': 'once' } };
  const headers = { authorization: 'Bearer y' };
  const { data } = await calls.POST('/v1/jobs/{job}/cancel', { params, body, headers });
  assert.equal(data, undefined);
  assert.equal(sent[0]?.method, 'POST');
  assert.deepEqual(await sent[0].json(), body);
  assert.deepEqual(
    ['content-type', 'idempotency-key', 'authorization'].map((name) => sent[0]?.headers.get(name)),
    ['application/json', 'once', 'Bearer y'],
  );
});

test('an answer is taken as text where that is asked for, and a call can be given up', async () => {
  const { calls, sent } = answering('{"a":1}\n');
  const ending = new AbortController();
  const asked = { params: { query: {} }, parseAs: 'text', signal: ending.signal } as const;
  assert.equal((await calls.GET('/v1/audit-trail/export', asked)).data, '{"a":1}\n');
  ending.abort();
  assert.equal(sent[0]?.signal.aborted, true);
});
