import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Refusal, utf8, type Bytes } from '@blindsum/proto';
import { checkSignature, createEd25519Signer } from '@blindsum/proto/node';
import {
  createNoteKey,
  decideCosigning,
  encodeAddCheckpoint,
  encodeSignatureLines,
  encodeVkey,
  parseAddCheckpoint,
  parseNote,
  parseWitnessSize,
  signCosignature,
  toLogPolicy,
  type WitnessedHead,
} from '@blindsum/proto/tlog';
import { appendIncidents } from '../log/log-store.contract.ts';
import { MemoryCosignatureStore } from '../storage/memory-cosignature-store.ts';
import { CosignedCheckpoints } from './cosigned-checkpoints.ts';
import { compareHeld } from './later-checkpoint.ts';
import { createWatchedLog } from './watched-log.fixture.ts';
import type { WitnessAnswer, WitnessClient } from './witness-client.ts';
import { WitnessDriver } from './witness-driver.ts';

const signer = createEd25519Signer(new Uint8Array(32).fill(42));
const key = createNoteKey('witness.example', signer.publicKey, 'ed25519-cosignature');
const otherSigner = createEd25519Signer(new Uint8Array(32).fill(43));
const otherKey = createNoteKey('other.example', otherSigner.publicKey, 'ed25519-cosignature');
const MINUTE = 60_000;

/** A witness that decides as the specification says, in this process. */
class Witness implements WitnessClient {
  head: WitnessedHead | undefined;
  asked = 0;
  isDown = false;
  lines = (text: string): Bytes =>
    utf8(
      encodeSignatureLines([
        signCosignature({ text, timeSeconds: BigInt(this.nowMs) / 1000n }, key, signer.sign),
      ]),
    );
  nowMs = 1_800_000_000_000;

  async addCheckpoint(request: Parameters<WitnessClient['addCheckpoint']>[0]): Promise<WitnessAnswer> {
    this.asked += 1;
    if (this.isDown) throw new Refusal('UNAVAILABLE', 'it cannot be reached');
    const parsed = parseAddCheckpoint(encodeAddCheckpoint(request));
    const decision = decideCosigning({ keys: [world.logKey], head: this.head }, parsed, checkSignature);
    if (decision.kind === 'cosign') {
      this.head = decision.head;
      return { kind: 'cosigned', lines: this.lines(parsed.note.text) };
    }
    const { status, body } = decision.refusal;
    if (status === 409) return { kind: 'seen', size: parseWitnessSize(utf8(body)) };
    throw new Refusal('UNAVAILABLE', `it answers with status ${status}`);
  }

  async lastSeen(): Promise<Bytes | undefined> {
    return this.head && utf8(this.head.note);
  }
}

let world: Awaited<ReturnType<typeof createWatchedLog>>;
let witness: Witness;
let driver: WitnessDriver;
let checkpoints: CosignedCheckpoints;
let reports: string[];

function openDriver(): WitnessDriver {
  const { files, logKey, log } = world;
  return new WitnessDriver({
    ...{ name: 'w1', key, client: witness, logKey, files, checkpoints, heartbeatMs: 10 * MINUTE },
    clock: { nowMs: () => witness.nowMs },
    report: (failure) => reports.push(failure?.code ?? 'ok'),
    compare: (note) => compareHeld({ log, files, logKey }, note, 'the witness w1'),
  });
}

beforeEach(async () => {
  world = await createWatchedLog();
  const { files, logKey } = world;
  witness = new Witness();
  const standAlone = [
    { name: 'w1', vkey: encodeVkey(key) },
    { name: 'w2', vkey: encodeVkey(otherKey) },
  ];
  const rule = { members: 0, standAlone, standAloneQuorum: 1 };
  const policy = async () => toLogPolicy({ logKey, members: [], rule });
  checkpoints = new CosignedCheckpoints({ store: new MemoryCosignatureStore(), files, logKey, policy });
  reports = [];
  driver = openDriver();
});

test('each checkpoint that the witness has not seen is cosigned, with a proof from the one that it has', async () => {
  await driver.look();
  assert.equal((await checkpoints.withQuorum())?.size, 3);
  await appendIncidents(world.log, 3, 300);
  await driver.look();
  assert.equal((await checkpoints.withQuorum())?.size, 301);
  assert.equal(witness.asked, 2);
  assert.deepEqual(driver.status, {
    name: 'w1',
    state: 'ok',
    size: 301,
    cosignedMs: witness.nowMs,
    reason: null,
  });
});

test('a restarted coordinator learns from the witness what it has seen', async () => {
  await driver.look();
  await appendIncidents(world.log, 3, 4);
  driver = openDriver();
  await driver.look();
  assert.deepEqual([witness.asked, (await checkpoints.withQuorum())?.size], [3, 5]);
});

test('with nothing to log the witness is asked again after the heartbeat, and its later time is published', async () => {
  await driver.look();
  witness.nowMs += 10 * MINUTE - 1;
  await driver.look();
  assert.equal(witness.asked, 1);
  const before = (await checkpoints.published()).note;
  witness.nowMs += 1000;
  await driver.look();
  assert.equal(witness.asked, 2);
  const [, line] = parseNote((await checkpoints.published()).note).signatures;
  assert.notDeepEqual(line, parseNote(before).signatures[1]);
});

test('a witness that is down stops nothing, and is asked again half a minute later', async () => {
  witness.isDown = true;
  for (let second = 0; second < 40; second++, witness.nowMs += 1000) await driver.look();
  assert.deepEqual([witness.asked, reports], [2, ['UNAVAILABLE', 'UNAVAILABLE']]);
  assert.equal(driver.status.state, 'failing');
  await appendIncidents(world.log, 3, 3);
  witness.isDown = false;
  witness.nowMs += 30_000;
  await driver.look();
  assert.deepEqual([reports.at(-1), driver.status.state], ['ok', 'ok']);
});

test('an answer with another signature, or of another witness, is no cosignature', async () => {
  for (const lines of [
    (text: string) => witness.lines.call(witness, text.replace('\n3\n', '\n4\n')),
    (text: string) =>
      utf8(encodeSignatureLines([signCosignature({ text, timeSeconds: 9n }, otherKey, otherSigner.sign)])),
  ]) {
    const honest = witness.lines;
    const head = witness.head;
    witness.lines = (text) => {
      witness.lines = honest;
      return lines(text);
    };
    await driver.look();
    assert.deepEqual([reports.at(-1), await checkpoints.withQuorum()], ['BAD_SIGNATURE', undefined]);
    witness.head = head;
    witness.nowMs += MINUTE;
  }
});

test('a witness that only says that it has seen more stops nothing', async () => {
  witness.head = { size: 9n, root: new Uint8Array(32), note: 'x' };
  witness.lastSeen = async () => undefined;
  await driver.look();
  assert.match(
    driver.status.reason!,
    /^BAD_CHECKPOINT: the witness says that it has seen 9 entries, and shows none/,
  );
  assert.deepEqual(await appendIncidents(world.log, 3, 3), [3]);
});

test('a witness that holds a later checkpoint of the log stops a restored backup', async () => {
  const backup = new Map(world.stored);
  await appendIncidents(world.log, 3, 4);
  await driver.look();
  for (const path of world.stored.keys()) world.stored.delete(path);
  for (const [path, bytes] of backup) world.stored.set(path, bytes);
  driver = openDriver();
  await driver.look();
  assert.match(driver.status.reason!, /^LOG_STOPPED: the witness w1 holds a checkpoint of 5 entries/);
  await assert.rejects(world.log.append({ kind: 'incident', predicate: {} }), { code: 'LOG_STOPPED' });
});
