import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { utf8, type Bytes } from '@blindsum/proto';
import { checkSignature } from '@blindsum/proto/node';
import {
  claimCosignedCheckpoint,
  encodeTlogPolicy,
  parseTlogPolicy,
  toMonitoringPath,
  type NoteKey,
} from '@blindsum/proto/tlog';
import { checkpointOf, LOG_KEY, ORIGIN, requestOf } from './growing-log.fixture.ts';
import { openSqliteWitnessStore } from './sqlite-witness-store.ts';
import { openCosigners } from './witness-keys.ts';
import { createWitnessServer } from './witness-server.ts';
import { createWitness } from './witness-service.ts';
import type { WitnessStore } from './witness-store.ts';

const NAME = 'witness.example/w1';
const NOW = 1_800_000_000n;
const folder = await mkdtemp(join(tmpdir(), 'blindsum-witness-'));
const faults: unknown[] = [];
let stores = 0;
let store: WitnessStore;
let keys: NoteKey[];
let address = '';
/** What runs between the decision and the store, once. */
let meanwhile: (() => void) | undefined;

const server = createWitnessServer(
  {
    addCheckpoint: (body) => witness().addCheckpoint(body),
    checkpoint: (path) => witness().checkpoint(path),
  },
  (error) => faults.push(error),
);

function witness() {
  const cosigners = openCosigners(store, NAME);
  keys = cosigners.map(({ key }) => key);
  const observed: WitnessStore = {
    ...bound(store),
    replace: (...args) => {
      const act = meanwhile;
      meanwhile = undefined;
      act?.();
      return store.replace(...args);
    },
  };
  return createWitness({ store: observed, cosigners, logs: [LOG_KEY], nowSeconds: () => NOW });
}

const bound = (inner: WitnessStore): WitnessStore => ({
  read: (origin) => inner.read(origin),
  replace: (...args) => inner.replace(...args),
  keyOf: (...args) => inner.keyOf(...args),
  close: () => inner.close(),
});

before(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  store = openSqliteWitnessStore(join(folder, String(stores++)));
});
after(async () => {
  server.close();
  server.closeAllConnections();
  await rm(folder, { recursive: true });
});

const post = (body: Bytes | string) =>
  fetch(`${address}/add-checkpoint`, { method: 'POST', body: Buffer.from(body) });
const statusOf = async (body: Bytes | string) => (await post(body)).status;
/** Refuses unless both keys of the witness cosigned the note. */
const openCosigned = (note: string) => {
  const witnesses = keys.map((key, i) => ({ name: `w${i}`, key }));
  const groups = [{ name: 'both', threshold: 2, members: ['w0', 'w1'] }];
  const text = encodeTlogPolicy({ logs: [{ key: LOG_KEY }], witnesses, groups, quorum: 'both' });
  return claimCosignedCheckpoint(utf8(note), parseTlogPolicy(utf8(text))).verify(checkSignature);
};

test('200: a first checkpoint and those that extend it are cosigned with both keys, now', async () => {
  for (const [old, size] of [
    [0, 7],
    [7, 7],
    [7, 300],
  ] as const) {
    const response = await post(requestOf(old, size));
    assert.equal(response.status, 200);
    const { cosignings, ...checkpoint } = openCosigned(checkpointOf(size) + (await response.text()));
    assert.equal(checkpoint.size, BigInt(size));
    assert.deepEqual(
      cosignings.map(({ timeSeconds }) => timeSeconds),
      [NOW, NOW],
    );
  }
});

test('400: what is no request, is too long, or claims an old size above the checkpoint', async () => {
  assert.equal(await statusOf('old -1\n\n'), 400);
  assert.equal(await statusOf(''), 400);
  assert.equal(await statusOf(new Uint8Array((1 << 20) + 1)), 400);
  assert.equal(await statusOf(requestOf(8, 7)), 400);
});

test('403: a checkpoint that the log did not sign', async () => {
  const changed = Buffer.from(requestOf(0, 7)).toString('utf8').replace('\n7\n', '\n6\n');
  assert.equal(await statusOf(changed), 403);
});

test('404: a log that the witness does not know', async () => {
  const changed = Buffer.from(requestOf(0, 7)).toString('utf8').replaceAll(ORIGIN, 'other.example.org');
  assert.equal(await statusOf(changed), 404);
});

test('409: another old size than the witness has seen, with that size', async () => {
  await post(requestOf(0, 7));
  for (const body of [requestOf(0, 20), requestOf(5, 20), requestOf(8, 20), requestOf(0, 7)]) {
    const response = await post(body);
    assert.equal(response.status, 409);
    assert.equal(response.headers.get('content-type'), 'text/x.tlog.size');
    assert.equal(await response.text(), '7\n');
  }
});

test('422: attack: a forked log, whether it grew or not, leaves the witness where it was', async () => {
  await post(requestOf(0, 7));
  assert.equal(await statusOf(requestOf(7, 20, true)), 422);
  assert.equal(await statusOf(requestOf(7, 7, true)), 422);
  assert.equal(store.read(ORIGIN)?.size, 7n);
  assert.equal(await statusOf(requestOf(7, 20)), 200);
});

test('attack: a log that shrank is not cosigned', async () => {
  await post(requestOf(0, 20));
  assert.equal(await statusOf(requestOf(7, 7)), 409);
  assert.equal(await statusOf(requestOf(20, 7)), 400);
});

test('the last cosigned checkpoint is at the hash of its origin', async () => {
  const url = `${address}/${toMonitoringPath(ORIGIN)}`;
  assert.equal((await fetch(url)).status, 404);
  await post(requestOf(0, 7));
  await post(requestOf(7, 20));
  const note = await (await fetch(url)).text();
  assert.equal(openCosigned(note).size, 20n);
  assert.equal((await fetch(url, { method: 'HEAD' })).status, 200);
});

test('nothing else is answered', async () => {
  for (const path of ['', 'checkpoint', `${toMonitoringPath('other.example.org')}`, 'add-checkpoint/'])
    assert.equal((await fetch(`${address}/${path}`)).status, 404, path);
  assert.equal((await fetch(`${address}/add-checkpoint`)).status, 405);
  assert.equal((await fetch(`${address}/checkpoint`, { method: 'PUT', body: 'x' })).status, 405);
});

test('a request that another one overtook is decided again, and does not bring the log back', async () => {
  await post(requestOf(0, 7));
  meanwhile = () => assert.equal(witness().addCheckpoint(requestOf(7, 40)).status, 200);
  const response = await post(requestOf(7, 20));
  assert.equal(response.status, 409);
  assert.equal(await response.text(), '40\n');
  assert.equal(store.read(ORIGIN)?.size, 40n);
});

test('of two forks at the same instant one is cosigned', async () => {
  await post(requestOf(0, 3));
  meanwhile = () => assert.equal(witness().addCheckpoint(requestOf(3, 20, true)).status, 200);
  assert.equal(await statusOf(requestOf(3, 20)), 409);
});

test('a memory that fails is a fault of ours: no signature, no detail', async () => {
  meanwhile = () => store.close();
  const response = await post(requestOf(0, 7));
  assert.equal(response.status, 500);
  assert.equal(await response.text(), 'internal error\n');
  assert.equal(faults.length, 1);
});

test('a connection that ends inside a request leaves the witness in order', async () => {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write('POST /add-checkpoint HTTP/1.1\r\nhost: w\r\ncontent-length: 1000\r\n\r\nold 0\n');
  await once(socket, 'connect');
  socket.destroy();
  assert.equal(await statusOf(requestOf(0, 7)), 200);
});

test('a witness keeps its keys and its name, and its memory is for its owner only', async () => {
  const first = openCosigners(store, NAME).map(({ key }) => key);
  const again = openSqliteWitnessStore(join(folder, String(stores - 1)));
  assert.deepEqual(
    openCosigners(again, NAME).map(({ key }) => key),
    first,
  );
  assert.throws(() => openCosigners(again, 'another.example'), { code: 'CONFIG_INVALID' });
  assert.throws(() => openCosigners(again, 'a b'), { code: 'CONFIG_INVALID' });
  for (const file of ['', 'witness.sqlite']) {
    const { mode } = await stat(join(folder, String(stores - 1), file));
    assert.equal(mode & 0o077, 0, file);
  }
});
