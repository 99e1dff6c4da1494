// Members release a model over the wire, and attackers try to.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  createInitialModel,
  encodeGlobalModel,
  globalModelHash,
  modelReleaseCodec,
  parseManifest,
  parseUtf8,
  sha256,
  toHex,
  utf8,
  type Bytes,
  type Digest,
  type JobId,
  type Manifest,
  type ModelRelease,
} from '@blindsum/proto';
import { verifyEd25519, verifyP256 } from '@blindsum/proto/node';
import {
  parseBundle,
  parseModelStatement,
  verifyBundle,
  verifyBundleSignature,
  verifyModelFiles,
} from '@blindsum/proto/provenance';
import { BlobKind, JobService, ReleaseService, ReleaseState, type RoundRef } from '@blindsum/proto/rpc';
import { parseRecord, parseVkey, recordDigest } from '@blindsum/proto/tlog';
import { answerOf } from '@blindsum/admin-client';
import {
  FEDERATION,
  refusedAs,
  startTestCoordinator,
  type TestCoordinator,
  type TestSite,
} from '../federation.fixture.ts';
import { TestJob, type TestRound } from '../whole-rounds.fixture.ts';

type Ref = Omit<RoundRef, '$typeName'>;

let coordinator: TestCoordinator;
let job: TestJob;
let ref: Ref;
let manifest: Manifest;
let file: Bytes;
let modelHash: Digest;
let rosterHash: Digest;
let [a, b, c]: TestSite[] = [];

before(async () => {
  coordinator = await startTestCoordinator();
  job = await TestJob.start(coordinator, { description: 'Will it <b>rain</b>?' });
  [a, b, c] = job.sites;
  manifest = parseManifest((await a!.call(JobService, 'getJob', { job: job.job })).manifest);
  const model = {
    ...createInitialModel(manifest),
    mean: Float64Array.of(0.25),
    deviation: Float64Array.of(0.5),
  };
  file = encodeGlobalModel(model);
  modelHash = globalModelHash(model);
  const round = await job.current();
  ref = round.terms.ref;
  await round.play(modelHash);
  const shown = await look(a!);
  rosterHash = toHex(shown.rosterHash) as Digest;
});

after(async () => {
  job.close();
  await coordinator.remove();
  assert.deepEqual(coordinator.crashes, []);
});

const digestOf = (bytes: Bytes) => toHex(sha256(bytes)) as Digest;
const look = (site: TestSite) => site.call(ReleaseService, 'getRelease', { ref });
const deliver = (site: TestSite) => site.call(ReleaseService, 'deliverModel', { ref });

function vote(site: TestSite, changes: Partial<ModelRelease> = {}) {
  const about = { federation: FEDERATION, job: job.job, round: ref.round, modelHash, rosterHash };
  return site.sign(modelReleaseCodec, { ...about, fileDigest: digestOf(file), site: site.site, ...changes });
}

const send = (site: TestSite, message = vote(site)) =>
  site.call(ReleaseService, 'voteForRelease', { ref, vote: message });

async function upload(site: TestSite, bytes: Bytes): Promise<void> {
  await site.upload({ ref, kind: BlobKind.MODEL, size: bytes.length }, [bytes]);
}

const get = (path: string) => fetch(`${coordinator.running.httpUrl}/models${path}`);

async function fetched(name: string): Promise<Bytes> {
  const answer = await get(`/${job.job}/${ref.round}/${name}`);
  assert.equal(answer.status, 200, name);
  assert.equal(answer.headers.get('access-control-allow-origin'), '*');
  assert.match(answer.headers.get('cache-control')!, /immutable/);
  return new Uint8Array(await answer.arrayBuffer());
}

async function assertNothingServed(): Promise<void> {
  for (const name of ['model.bin', 'model.json', 'provenance.sigstore.json', 'model.sig', 'README.md'])
    assert.equal((await get(`/${job.job}/${ref.round}/${name}`)).status, 404, name);
  assert.deepEqual(await (await get('')).json(), { models: [] });
}

/** The log's records of releases. */
async function releasesInLog() {
  const shown = await answerOf(coordinator.admin.GET('/v1/releases', {}));
  return shown.releases.map(({ state }) => state);
}

test('attack: a vote for another model is refused, whoever signs it', async () => {
  const other = vote(a!, { modelHash: 'ab'.repeat(32) as Digest });
  await assert.rejects(send(a!, other), refusedAs('MODEL_MISMATCH'));
});

test('attack: a vote from another federation, job, round or roster is refused', async () => {
  const elsewhere: Partial<ModelRelease>[] = [
    { federation: 'other.example' },
    { job: 'other-job' as JobId },
    { round: 1 },
    { rosterHash: 'ab'.repeat(32) as Digest },
  ];
  for (const changes of elsewhere)
    await assert.rejects(send(a!, vote(a!, changes)), refusedAs('WRONG_CONTEXT'));
});

test('attack: a vote that another site sends or signs is refused', async () => {
  await assert.rejects(send(b!, vote(a!)), refusedAs('UNAUTHENTICATED'));
  const forged = b!.signAgain(modelReleaseCodec, vote(a!).payload);
  await assert.rejects(send(a!, forged), refusedAs('BAD_SIGNATURE'));
  await assert.rejects(a!.call(ReleaseService, 'voteForRelease', { ref }), refusedAs('MALFORMED'));
});

test('with fewer votes than the threshold nothing is logged, wanted or served', async () => {
  assert.equal((await look(a!)).threshold, 2);
  await send(a!);
  await send(a!);
  const { state, voters, wanted } = await look(a!);
  assert.deepEqual([state, voters, wanted], [ReleaseState.VOTING, [a!.site], false]);
  assert.deepEqual(await releasesInLog(), ['voting']);
  await assert.rejects(upload(a!, file), refusedAs('WRONG_PHASE'));
  await assert.rejects(deliver(a!), refusedAs('WRONG_PHASE'));
  await assertNothingServed();
});

test('a vote is taken back with a reason before it is decided, and may be given again', async () => {
  await a!.call(ReleaseService, 'refuseRelease', { ref, reason: 'the ethics board has not met' });
  const { voters, refusers } = await look(b!);
  assert.deepEqual([voters, refusers], [[], [a!.site]]);
  const path = { job: job.job, round: ref.round };
  const { refusals } = await answerOf(
    coordinator.admin.GET('/v1/releases/{job}/{round}', { params: { path } }),
  );
  assert.deepEqual(refusals, [{ site: a!.site, reason: 'the ethics board has not met' }]);
  for (const reason of ['', 'two\nlines'])
    await assert.rejects(a!.call(ReleaseService, 'refuseRelease', { ref, reason }), refusedAs('MALFORMED'));
  await send(a!);
  assert.deepEqual((await look(b!)).refusers, []);
});

test('attack: a site that says another file in its vote, with the right model, is not counted with the others', async () => {
  await send(b!, vote(b!, { fileDigest: 'ab'.repeat(32) as Digest }));
  await assert.rejects(send(b!), refusedAs('CONFLICTING_SUBMISSION'));
  assert.equal((await look(a!)).state, ReleaseState.VOTING);
  await b!.call(ReleaseService, 'refuseRelease', { ref, reason: 'a mistake' });
});

test('the vote that reaches the threshold puts the release into the log; the file is still to come', async () => {
  await send(b!);
  const { voters, wanted } = await look(b!);
  assert.deepEqual([voters, wanted], [[a!.site, b!.site], true]);
  assert.equal((await look(a!)).wanted, false);
  assert.deepEqual(await releasesInLog(), ['logged']);
  await assertNothingServed();
  await assert.rejects(
    a!.call(ReleaseService, 'refuseRelease', { ref, reason: 'too late' }),
    refusedAs('WRONG_PHASE'),
  );
  // A late vote is no mistake, and changes nothing.
  await send(c!);
  assert.deepEqual((await look(c!)).voters, [a!.site, b!.site]);
});

test('attack: only the voter that is asked brings a file, and it must have the length of the model', async () => {
  for (const site of [a!, c!]) {
    await assert.rejects(upload(site, file), refusedAs('WRONG_PHASE'));
    await assert.rejects(deliver(site), refusedAs('WRONG_PHASE'));
  }
  await assert.rejects(upload(b!, file.subarray(1)), refusedAs('PART_BAD_LENGTH'));
  await assert.rejects(deliver(b!), refusedAs('PART_OUT_OF_ORDER'));
});

test('attack: another file than the one in the log is refused, never served, and another voter is asked', async () => {
  const wrong = file.map((byte, i) => (i === 20 ? byte ^ 1 : byte));
  await upload(b!, wrong);
  await assert.rejects(deliver(b!), refusedAs('MODEL_MISMATCH'));
  await assertNothingServed();
  assert.equal((await look(b!)).wanted, false);
  await assert.rejects(upload(b!, file), refusedAs('WRONG_PHASE'));
  assert.equal((await look(a!)).wanted, true);
});

test('the right file is served with what explains and proves it', async () => {
  await upload(a!, file);
  await deliver(a!);
  await deliver(a!);
  assert.equal((await look(a!)).state, ReleaseState.AVAILABLE);
  const served = await fetched('model.bin');
  assert.deepEqual(served, new Uint8Array(file));
  const { models } = (await (await get('')).json()) as { models: { files: string[]; fileDigest: string }[] };
  assert.equal(models.length, 1);
  assert.equal(models[0]!.fileDigest, digestOf(served));
  const description = JSON.parse(parseUtf8(await fetched('model.json'), 'model.json')) as Record<
    string,
    unknown
  >;
  assert.deepEqual(description['standardisation'], [{ column: 'age', mean: 0.25, deviation: 0.5 }]);
  const card = parseUtf8(await fetched('README.md'), 'README.md');
  assert.match(card, /^# Model of round 0 of job test-job\n/);
  assert.match(card, /> Will it \\<b\\>rain\\<\/b\\>\?/);
  assert.match(card, new RegExp(modelHash));
  for (const { site } of job.sites) assert.ok(!card.includes(site), `the card names ${site}`);
});

/** What an auditor has from elsewhere: the keys of the log. */
async function trust() {
  const { log } = coordinator.config;
  const vkey = (await readFile(join(log.directory, 'log.vkey'), 'utf8')).trim();
  const charter = await recordOf('charter');
  assert(charter.kind === 'charter');
  return {
    logKey: parseVkey(vkey),
    recordKey: new Uint8Array(Buffer.from(charter.predicate.recordKey, 'base64')),
    verifyRecordSignature: verifyP256,
    verifyCheckpointSignature: verifyEd25519,
  };
}

async function recordOf(kind: string) {
  const { directory } = coordinator.config.log;
  for (let index = 0; ; index++) {
    const digest = (await readFile(join(directory, 'sequence', String(index)), 'utf8')).trim();
    const { payload } = JSON.parse(await readFile(join(directory, 'records', `${digest}.json`), 'utf8')) as {
      payload: string;
    };
    const record = parseRecord(new Uint8Array(Buffer.from(payload, 'base64')));
    assert.equal(recordDigest(new Uint8Array(Buffer.from(payload, 'base64'))), digest);
    if (record.kind === kind) return record;
  }
}

test('the provenance bundle proves that the release of this very file is in the log', async () => {
  const bundle = parseBundle(await fetched('provenance.sigstore.json'));
  const { size } = verifyBundle(bundle, await trust());
  assert.ok(size > 0n);
  const record = parseRecord(bundle.envelope.payload);
  assert(record.kind === 'release');
  const { predicate } = record;
  assert.deepEqual([predicate.fileDigest, predicate.modelHash], [digestOf(file), modelHash]);
  assert.deepEqual([predicate.threshold, predicate.votes.length], [2, 2]);
  assert.deepEqual(record, await recordOf('release'));
});

test('model.sig lists the files that are served, and no other set of files passes', async () => {
  const signature = parseBundle(await fetched('model.sig'));
  verifyBundleSignature(signature, await trust());
  const statement = parseModelStatement(signature.envelope.payload);
  assert.equal(statement.name, 'test-job-round-0');
  const names = ['README.md', 'model.bin', 'model.json', 'provenance.sigstore.json'];
  const files = await Promise.all(
    names.map(async (name) => ({ name, digest: digestOf(await fetched(name)) })),
  );
  verifyModelFiles(statement, files);
  const changed = files.map((one) =>
    one.name === 'model.bin' ? { ...one, digest: digestOf(utf8('x')) } : one,
  );
  assert.throws(() => verifyModelFiles(statement, changed), /MODEL_MISMATCH/);
});

test('paths of another spelling are not served', async () => {
  const bad = [
    ...['/test-job/00/model.bin', '/test-job/1/model.bin', '/other-job/0/model.bin', '/test-job/0/'],
    ...['/test-job/0/model.bin/', '/test-job/0/..%2f..%2fcoordinator.sqlite', '/TEST-JOB/0/model.bin'],
    ...['/test-job/-0/model.bin', '/test-job/0/__proto__', '/test-job/0/toString'],
  ];
  for (const path of bad) assert.equal((await get(path)).status, 404, path);
});

test('after a restart the model is served as before', async () => {
  const before = await fetched('provenance.sigstore.json');
  await coordinator.running.stop();
  coordinator = await coordinator.startAnother();
  job.moveTo(coordinator);
  [a, b, c] = job.sites;
  assert.deepEqual(await fetched('model.bin'), new Uint8Array(file));
  assert.deepEqual(await fetched('provenance.sigstore.json'), before);
});

test('attack: a vote of one round does not serve for the next', async () => {
  const round: TestRound = await job.current();
  await round.play();
  const replayed = { ref: round.terms.ref, vote: vote(a!) };
  await assert.rejects(a!.call(ReleaseService, 'voteForRelease', replayed), refusedAs('WRONG_CONTEXT'));
});
