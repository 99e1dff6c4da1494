import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { REFUSAL_CODES, Refusal } from '@blindsum/proto';
import { publicStatus, REFUSAL_STATUSES } from './refusal-status.ts';

test('docs/errors.md explains every refusal code, and no other', async () => {
  const text = await readFile(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  const [refusals = ''] = text.split('## What a program says to do');
  const rows = [...refusals.matchAll(/^\| `([A-Z_]+)` \| (.+) \| (.+) \|$/gm)];
  assert.deepEqual(
    rows.map((row) => row[1]),
    [...REFUSAL_CODES],
  );
});

test('every refusal is the caller’s error in HTTP, and none is OK or INTERNAL in gRPC', () => {
  for (const [code, { grpc, http }] of Object.entries(REFUSAL_STATUSES)) {
    assert.ok(grpc !== status.OK && grpc !== status.INTERNAL, code);
    assert.ok((http >= 400 && http < 500) || http === 503, code);
  }
});

test('an error that is no refusal tells its caller nothing', () => {
  const shown = publicStatus(new Error('secret in /home/operator'));
  assert.equal(shown.code, 'INTERNAL');
  assert.doesNotMatch(JSON.stringify(shown), /secret|home/);
  assert.equal(publicStatus(new Refusal('NOT_FOUND', 'job x')).detail, 'job x');
});
