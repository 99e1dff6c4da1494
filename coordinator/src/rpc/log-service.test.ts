// The log as sites are shown it, by a real coordinator.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  commitmentCodec,
  messageLeaf,
  openCommitPromise,
  parseBase64,
  sha256,
  utf8,
  type Bytes,
  type SignedMessage,
} from '@blindsum/proto';
import { checkSignature, verifyEd25519 } from '@blindsum/proto/node';
import { LogService, RoundRecord, RoundService, type LogHead } from '@blindsum/proto/rpc';
import {
  claimCheckpoint,
  encodeLeaf,
  encodeSignatureLines,
  hashLeaf,
  IN_TOTO_PAYLOAD_TYPE,
  memberWitnessKey,
  parseNote,
  parseRecord,
  parseVkey,
  signCheckpoint,
  signCosignature,
  toPae,
  verifyConsistency,
  verifyInclusion,
} from '@blindsum/proto/tlog';
import { FEDERATION, refusedAs, startTestCoordinator, type TestCoordinator } from '../federation.fixture.ts';
import { openLogKeys } from '../log/log-keys.ts';
import { TestJob, type TestRound } from '../whole-rounds.fixture.ts';

let coordinator: TestCoordinator;
let job: TestJob;
let round: TestRound;

before(async () => {
  coordinator = await startTestCoordinator();
  job = await TestJob.start(coordinator, {});
  round = await job.current();
  for (const site of job.sites)
    site.beforeSending = async ({ method, requests }) => {
      if (method === 'commit') commits.push(requests[0] as Commit);
    };
  await round.play();
});

after(async () => {
  job.close();
  await coordinator.remove();
  assert.deepEqual(coordinator.crashes, []);
});

interface Commit {
  readonly ref: object;
  readonly commitment: SignedMessage;
}
const commits: Commit[] = [];

const site = () => job.sites[0]!;
const logKey = async () => parseVkey((await site().call(LogService, 'getLog', {})).verifierKey);

async function open(head: LogHead | undefined) {
  const checkpoint = claimCheckpoint(head!.note, await logKey()).verify(checkSignature);
  return { size: checkpoint.size, root: checkpoint.root };
}

async function recordKey(): Promise<Bytes> {
  const { charter } = await site().call(LogService, 'getLog', {});
  const record = parseRecord(charter!.payload);
  assert.ok(record.kind === 'charter');
  return parseBase64(record.predicate.recordKey, 'record key');
}

test('a checkpoint comes with the proof that it extends the one that a site holds', async () => {
  const { head } = await site().call(LogService, 'getCheckpoint', { oldSize: 0n });
  assert.deepEqual(head!.proof, []);
  const latest = await open(head);
  const { head: first } = await site().call(LogService, 'getCheckpoint', { oldSize: 1n });
  const charter = (await site().call(LogService, 'getLog', {})).charter!;
  const oldRoot = hashLeaf(await entryOf(charter));
  const sizes = { oldSize: 1n, newSize: latest.size };
  verifyConsistency({ ...sizes, oldRoot, newRoot: latest.root, proof: first!.proof });
  const same = await site().call(LogService, 'getCheckpoint', { oldSize: latest.size });
  assert.deepEqual(same.head!.proof, []);
  // A site that holds more gets what there is: that is the evidence.
  const later = await site().call(LogService, 'getCheckpoint', { oldSize: latest.size + 1n });
  assert.deepEqual(later.head!.proof, []);
});

async function entryOf({ payload, signature }: { payload: Bytes; signature: Bytes }): Promise<Bytes> {
  const paeDigest = sha256(toPae(IN_TOTO_PAYLOAD_TYPE, payload));
  return encodeLeaf({ paeDigest, signature, publicKeySpki: await recordKey() });
}

test('the records of a sealed set and of the end of a round come with proofs of their entries', async () => {
  const { ref } = round.terms;
  for (const [kind, name] of [
    [RoundRecord.SEALED, 'round-sealed'],
    [RoundRecord.END, 'round'],
  ] as const) {
    const asked = { oldSize: 1n, ref, kind, setAttempt: kind === RoundRecord.SEALED ? 1 : 0 };
    const { head, record } = await site().call(LogService, 'getRecord', asked);
    const { size, root } = await open(head);
    const leafHash = hashLeaf(await entryOf(record!));
    verifyInclusion({ index: record!.index, size, root, leafHash, proof: record!.proof });
    assert.equal(parseRecord(record!.payload).kind, name);
  }
});

test('what the log does not have, and what is no question, is refused', async () => {
  const { ref } = round.terms;
  const ask = (changes: object) =>
    site().call(LogService, 'getRecord', {
      oldSize: 0n,
      ref,
      kind: RoundRecord.SEALED,
      setAttempt: 1,
      ...changes,
    });
  for (const missing of [
    { setAttempt: 2 },
    { ref: { ...ref, attempt: 2 } },
    { ref: { ...ref, round: ref.round + 1 }, kind: RoundRecord.END },
  ])
    await assert.rejects(ask(missing), refusedAs('NOT_FOUND'));
  for (const malformed of [
    { kind: RoundRecord.UNSPECIFIED },
    { ref: undefined },
    { ref: { ...ref, job: 'A B' } },
  ])
    await assert.rejects(ask(malformed), refusedAs('MALFORMED'));
});

test('a member cosigns the checkpoint that it was shown, and whoever asks next sees that', async () => {
  const { head } = await site().call(LogService, 'getCheckpoint', { oldSize: 0n });
  const { size } = await open(head);
  const { text } = parseNote(head!.note);
  const key = memberWitnessKey(FEDERATION, site().member);
  const line = signCosignature({ text, timeSeconds: 1_800_000_000n }, key, site().signBytes);
  const lines = utf8(encodeSignatureLines([line]));
  await site().call(LogService, 'cosign', { size, lines });
  await site().call(LogService, 'cosign', { size, lines });
  const shown = await job.sites[1]!.call(LogService, 'getCheckpoint', { oldSize: 0n });
  assert.ok(parseNote(shown.head!.note).signatures.some(({ name }) => name === key.name));
  const forged = utf8(
    encodeSignatureLines([{ ...line, signature: line.signature.with(20, line.signature[20]! ^ 1) }]),
  );
  await assert.rejects(
    site().call(LogService, 'cosign', { size, lines: forged }),
    refusedAs('BAD_SIGNATURE'),
  );
  for (const other of [size + 1n, 2n ** 63n])
    await assert.rejects(site().call(LogService, 'cosign', { size: other, lines }), refusedAs('NOT_FOUND'));
  await assert.rejects(site().call(LogService, 'cosign', { size, lines: utf8('') }), refusedAs('MALFORMED'));
});

test('who commits gets the promise of the log, and again for the same commitment', async () => {
  const key = await logKey();
  assert.equal(commits.length, 3);
  const promises = await Promise.all(
    commits.map(async ({ ref, commitment }, i) => {
      const { promise } = await job.sites[i]!.call(RoundService, 'commit', { ref, commitment });
      return promise!;
    }),
  );
  for (const [i, promise] of promises.entries()) {
    const { commitment } = commits[i]!;
    const { site: member } = commitmentCodec.read(commitment.payload);
    const { atMs, ...promised } = openCommitPromise(promise, key.publicKey, verifyEd25519);
    assert.ok(Math.abs(Date.now() - atMs) < 3600_000);
    const { job: name, round: number, attempt } = round.terms.ref;
    const about = { federation: FEDERATION, job: name, round: number, attempt };
    assert.deepEqual(promised, { ...about, site: member, commitment: messageLeaf(commitment) });
  }
  const [first, second] = commits as [Commit, Commit];
  const other = { ref: first.ref, commitment: second.commitment };
  await assert.rejects(site().call(RoundService, 'commit', other), refusedAs('UNAUTHENTICATED'));
});

test('a checkpoint that a site holds and the log has changes nothing', async () => {
  const { head } = await site().call(LogService, 'getCheckpoint', { oldSize: 0n });
  await site().call(LogService, 'showCheckpoint', { note: head!.note });
  const foreign = utf8(`${FEDERATION}\n0\n\n`);
  await assert.rejects(site().call(LogService, 'showCheckpoint', { note: foreign }), refusedAs('MALFORMED'));
});

test('a checkpoint of more entries, signed by the key of the log, stops it: it shows what it has, and signs nothing more', async () => {
  const keys = await openLogKeys(join(coordinator.config.stateDirectory, 'log-keys'), FEDERATION);
  const { key, sign } = keys.checkpoint;
  const later = { origin: FEDERATION, size: 1000n, root: new Uint8Array(32).fill(7) };
  const note = utf8(signCheckpoint(later, key, sign));
  await assert.rejects(site().call(LogService, 'showCheckpoint', { note }), refusedAs('LOG_STOPPED'));
  await site().call(LogService, 'getCheckpoint', { oldSize: 1000n });
});
