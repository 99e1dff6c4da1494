import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseUtf8, utf8, type Digest } from '@blindsum/proto';
import { checkSignature, verifyEd25519, verifyP256 } from '@blindsum/proto/node';
import { parseBundle, verifyBundle } from '@blindsum/proto/provenance';
import {
  claimCosignedCheckpoint,
  claimLogged,
  encodeRecordSchema,
  parseEntryBundle,
  parseTlogPolicy,
  parseTlogProof,
} from '@blindsum/proto/tlog';
import { createLogDocuments } from './log-documents.ts';
import { cosign, createWatchedLog, toLines } from './watched-log.fixture.ts';

const ROUND = {
  ...{ job: 'job-1', round: 3, attempt: 1, context: 'ab'.repeat(32) },
};

async function createServedLog() {
  const world = await createWatchedLog();
  const { note } = await world.checkpoints.published();
  for (const member of [0, 1]) await world.checkpoints.add(3, toLines(cosign(note, member)));
  const bytesOf = async (path: string) => (await world.openDocument(path))?.bytes;
  const leaves = () => parseEntryBundle(world.stored.get('tile/entries/000.p/3')!, 3);
  return { ...world, bytesOf, leaves };
}

test('whoever has the policy verifies the checkpoint and every entry from what is served', async () => {
  const { bytesOf, leaves } = await createServedLog();
  const policy = parseTlogPolicy((await bytesOf('policy'))!);
  for (const path of ['checkpoint', 'checkpoint.cosigned'])
    assert.equal(claimCosignedCheckpoint((await bytesOf(path))!, policy).verify(checkSignature).size, 3n);
  for (const [index, leaf] of leaves().entries()) {
    const proof = parseTlogProof((await bytesOf(`proof/${index}.tlog-proof`))!);
    assert.equal(claimLogged(proof, leaf, policy).verify(checkSignature).cosignings.length, 2);
    assert.throws(() => claimLogged(proof, utf8('another'), policy).verify(checkSignature), {
      code: 'BAD_PROOF',
    });
  }
});

test('every record has a bundle under the latest checkpoint that a quorum cosigned', async () => {
  const { bytesOf, log, logKey, leaves } = await createServedLog();
  const recordKey = Buffer.from(
    (JSON.parse(parseUtf8(leaves()[0]!, 'leaf')) as never)['spec']['hashedRekordV002']['signature'][
      'verifier'
    ]['publicKey']['rawBytes'],
    'base64',
  );
  const trust = {
    recordKey: new Uint8Array(recordKey),
    verifyRecordSignature: verifyP256,
    logKey,
    verifyCheckpointSignature: verifyEd25519,
  };
  await log.append({
    kind: 'incident',
    predicate: { ...ROUND, rosterHash: 'cd'.repeat(32), reason: 'X', excluded: [] },
  });
  for (const [index, size] of [3, 3, 3, 4].entries()) {
    const bundle = parseBundle((await bytesOf(`bundle/${index}.sigstore.json`))!);
    assert.equal(verifyBundle(bundle, trust).size, BigInt(size));
  }
});

test('an erased record has no bundle, and its entry is still proved', async () => {
  const { bytesOf, log } = await createServedLog();
  await log.erase(log.find('failure of attempt 1 of round 1 of job job-1')!.record, 'asked for');
  await assert.rejects(bytesOf('bundle/1.sigstore.json'), { code: 'NOT_FOUND' });
  assert.ok(await bytesOf('proof/1.tlog-proof'));
});

test('the schema of every record, and a root of trust, are served', async () => {
  const { bytesOf } = await createServedLog();
  assert.deepEqual(await bytesOf('schemas/round.v1.schema.json'), encodeRecordSchema('round'));
  assert.match(
    parseUtf8((await bytesOf('trusted_root.json'))!, 'root'),
    /"baseUrl":"https:\/\/log\.example\.org"/,
  );
});

test('without a quorum there is no cosigned checkpoint, and the latest is published anyway', async () => {
  const { openDocument } = await createWatchedLog();
  assert.equal(await openDocument('checkpoint.cosigned'), undefined);
  assert.ok(await openDocument('checkpoint'));
});

test('a round leads to its record, and to what proves it', async () => {
  const { files, logKey, checkpoints } = await createWatchedLog();
  const record = 'ef'.repeat(32) as Digest;
  const log = {
    find: (name: string) => (name === 'round 3 of job job-1' ? { index: 2, record } : undefined),
    settled: async () => {},
  };
  const policy = async () => ({ logs: [], witnesses: [], groups: [], quorum: 'none' });
  const open = createLogDocuments({ log, files, logKey, checkpoints, policy });
  const document = await open('rounds/job-1/3');
  assert.deepEqual(JSON.parse(parseUtf8(document!.bytes, 'round')), {
    ...{ job: 'job-1', round: 3, index: 2, record },
    links: {
      record: `/log/records/${record}.json`,
      bundle: '/log/bundle/2.sigstore.json',
      proof: '/log/proof/2.tlog-proof',
    },
  });
  for (const path of ['rounds/job-1/4', 'rounds/job-2/3', 'rounds/job-1/03', 'rounds/job-1/3/'])
    assert.equal(await open(path), undefined, path);
});

test('an entry that is not there, and any other spelling, is not found', async () => {
  const { bytesOf } = await createServedLog();
  for (const path of ['proof/3.tlog-proof', 'bundle/3.sigstore.json', 'proof/999999999999999.tlog-proof'])
    await assert.rejects(bytesOf(path), { code: 'NOT_FOUND' }, path);
  const others = [
    ...[
      'proof/00.tlog-proof',
      'proof/-1.tlog-proof',
      'proof/1',
      'proof/1.tlog-proof/',
      'proof/1e0.tlog-proof',
    ],
    ...[
      'bundle/1.json',
      'bundle/01.sigstore.json',
      'proof/9999999999999999.tlog-proof',
      'proof/1.tlog-proof\n',
    ],
    ...[
      'schemas/none.v1.schema.json',
      'schemas/round.v1.schema.json/',
      'schemas/__proto__',
      '__proto__',
      'constructor',
    ],
    ...[
      'rounds/job-1/3',
      'rounds/job-1/03',
      'rounds/job-1',
      'rounds/../3',
      'rounds/Job 1/3',
      'Checkpoint',
      'policy/',
    ],
  ];
  for (const path of others) assert.equal(await bytesOf(path), undefined, path);
});
