import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import Fastify from 'fastify';
import { pino } from 'pino';
import { utf8 } from '@blindsum/proto';
import { serveLogFiles } from './log-files.ts';
import { answerWithProblems } from './problem.ts';

const DIGEST = 'ab'.repeat(32);
const FILES = {
  'state/log/checkpoint': 'without cosignatures',
  'state/log/log.vkey': 'key\n',
  'state/log/tile/0/000.p/5': 'hashes',
  'state/log/tile/1/x001/234': 'more hashes',
  'state/log/tile/entries/000.p/5': 'entries',
  [`state/log/records/${DIGEST}.json`]: '{}',
  'state/log/timestamps/7.tsr': 'response',
  'state/log/sequence/0': 'internal',
  'state/log-keys/checkpoint.skey': 'secret',
};

const app = Fastify();
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bs-log-'));
  for (const [path, text] of Object.entries(FILES)) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  answerWithProblems(app, pino({ level: 'silent' }));
  serveLogFiles(app, join(folder, 'state/log'), async (path) =>
    path === 'checkpoint'
      ? { type: 'text/plain; charset=utf-8', bytes: utf8('with cosignatures') }
      : undefined,
  );
});

after(() => rm(folder, { recursive: true }));

test('the log’s files are served with the types and caching of tlog-tiles, to every origin', async () => {
  const immutable = 'public, max-age=31536000, immutable';
  const served: [string, string, string][] = [
    ['checkpoint', 'text/plain; charset=utf-8', 'public, max-age=2'],
    ['log.vkey', 'text/plain; charset=utf-8', 'public, max-age=2'],
    ['tile/0/000.p/5', 'application/octet-stream', immutable],
    ['tile/1/x001/234', 'application/octet-stream', immutable],
    ['tile/entries/000.p/5', 'application/octet-stream', immutable],
    [`records/${DIGEST}`, 'application/json', immutable],
    [`records/${DIGEST}.json`, 'application/json', immutable],
    ['timestamps/7.tsr', 'application/timestamp-reply', immutable],
  ];
  for (const [path, type, cache] of served) {
    for (const method of ['GET', 'HEAD'] as const) {
      const answer = await app.inject({ method, url: `/log/${path}` });
      assert.equal(answer.statusCode, 200, path);
      assert.match(String(answer.headers['content-type']), new RegExp(`^${type.replace('/', '\\/')}`));
      assert.equal(answer.headers['cache-control'], cache);
      assert.equal(answer.headers['access-control-allow-origin'], '*');
      assert.equal(answer.payload === '', method === 'HEAD');
    }
  }
});

test('what is derived from the log comes before its files', async () => {
  assert.equal((await app.inject('/log/checkpoint')).payload, 'with cosignatures');
});

test('nothing else is served, however it is spelt', async () => {
  const others = [
    'sequence/0',
    'tile/0/000',
    'tile/00/000.p/5',
    'tile/0/0.p/5',
    'tile/0/000.p/05',
    'tile/0/000.p/256',
    'tile/64/000',
    'tile/0',
    'tile/entries/000.p/6',
    `records/${DIGEST.toUpperCase()}`,
    'records/',
    'timestamps/07.tsr',
    'timestamps/latest',
    'checkpoint/',
    '../log-keys/checkpoint.skey',
    '..%2flog-keys%2fcheckpoint.skey',
    '%2e%2e/log-keys/checkpoint.skey',
    'tile/entries/../../sequence/0',
    'tile%2fentries%2f..%2f..%2fsequence%2f0',
  ];
  for (const path of others) {
    const answer = await app.inject({ method: 'GET', url: `/log/${path}` });
    assert.equal(answer.statusCode, 404, path);
    assert.equal(answer.json<{ code: string }>().code, 'NOT_FOUND');
    assert.doesNotMatch(answer.payload, /secret|internal/);
  }
  assert.equal((await app.inject({ method: 'POST', url: '/log/checkpoint' })).statusCode, 404);
});
