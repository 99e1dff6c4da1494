// One round over the wire, phase by phase: each test goes on where the one before ended.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import {
  acknowledgementCodec,
  attestationCodec,
  checksumKeys,
  checksumStatementCodec,
  CHUNK_BYTES,
  commitmentCodec,
  consentCodec,
  createChecksum,
  createPlainKernel,
  encodeChecksumValue,
  encodePart,
  manifestHash,
  openingCodec,
  parseManifest,
  parseRoster,
  rosterHash,
  roundContext,
  SEALED_SHARE_BYTES,
  setRoot,
  toDigestBytes,
  toHex,
  type Bytes,
  type Digest,
  type JobId,
  type SignedMessage,
} from '@blindsum/proto';
import { hashLeaf, nodeKeyStream } from '@blindsum/proto/node';
import {
  BlobKind,
  DownloadService,
  JobService,
  JobState,
  RoundPhase,
  RoundService,
  UploadService,
} from '@blindsum/proto/rpc';
import { merkleRoot, verifyInclusion } from '@blindsum/proto/tlog';
import { adoptRoster } from '../adoption.fixture.ts';
import {
  admitTestSite,
  randomResidues,
  refusedAs,
  startTestCoordinator,
  TEST_JOB,
  type TestCoordinator,
  type TestSite,
} from '../federation.fixture.ts';
import { submitTestJob } from '../submitted-job.fixture.ts';

const JOB = TEST_JOB.job as JobId;
const REF = { job: JOB, round: 0, attempt: 1 };
const SHARES_BYTES = 3 * SEALED_SHARE_BYTES;
const MODEL_HASH = 'ab'.repeat(32) as Digest;

let coordinator: TestCoordinator;
let sites: TestSite[];
let a: TestSite;
let b: TestSite;
let c: TestSite;

before(async () => {
  coordinator = await startTestCoordinator();
  sites = [];
  for (const name of ['hospital-a', 'hospital-b', 'hospital-c'])
    sites.push(await admitTestSite(coordinator, name));
  [a, b, c] = sites as [TestSite, TestSite, TestSite];
  await adoptRoster(coordinator, sites);
  await submitTestJob(coordinator.admin);
});

after(async () => {
  for (const site of sites) site.close();
  await coordinator.remove();
  assert.deepEqual(coordinator.crashes, []);
});

/** What a site uploads in the round. */
interface Contribution {
  readonly residues: BigUint64Array;
  readonly ciphertext: Bytes;
  readonly shares: Bytes;
  readonly openings: Bytes;
}

const given = new Map<TestSite, Contribution>();
/** Digests that the messages of the round name; set as they become known. */
const known = { context: '' as Digest, setRoot: '' as Digest, sumRoot: '' as Digest };

const root = (leaves: readonly Bytes[]) => toHex(merkleRoot(leaves.map(hashLeaf))) as Digest;
const records = (bytes: Bytes) =>
  Array.from({ length: 3 }, (_, i) => bytes.subarray(i * SEALED_SHARE_BYTES, (i + 1) * SEALED_SHARE_BYTES));
const randomRecords = () => new Uint8Array(randomBytes(SHARES_BYTES));

const watch = (site: TestSite) => site.call(RoundService, 'watchRound', { job: JOB });

async function until(phase: RoundPhase) {
  for (let at = await watch(a); ;) {
    if (at.round?.phase === phase) return at.round;
    at = await a.call(RoundService, 'watchRound', { job: JOB, knownVersion: at.version, waitMs: 4000 });
  }
}

function commitmentOf(site: TestSite): SignedMessage {
  const { ciphertext, shares } = given.get(site)!;
  const { context } = known;
  const roots = { ciphertextRoot: root([ciphertext]), shareRoot: root(records(shares)) };
  return site.sign(commitmentCodec, { context, site: site.site, chunks: 1, ...roots });
}

const commit = (site: TestSite, commitment: SignedMessage) =>
  site.call(RoundService, 'commit', { ref: REF, commitment });

const uploadShares = (site: TestSite, bytes: Bytes) =>
  site.upload({ ref: REF, kind: BlobKind.SHARES, size: bytes.length }, [bytes]);

const sharesCommitted = async (site: TestSite) =>
  Number(
    (await site.call(UploadService, 'getUploadStatus', { ref: REF, kind: BlobKind.SHARES })).committedOffset,
  );

async function getJson<T>(path: string): Promise<T> {
  const answer = await coordinator.get(path);
  assert.equal(answer.status, 200, path);
  return (await answer.json()) as T;
}

test('a job starts when all sites have consented to its exact documents', async () => {
  const documents = await a.call(JobService, 'getJob', { job: JOB });
  const manifest = parseManifest(documents.manifest);
  const hashes = {
    manifestHash: manifestHash(manifest),
    rosterHash: rosterHash(parseRoster(documents.roster)),
  };
  const federation = manifest.federation;
  const consentOf = (site: TestSite, job = JOB) =>
    site.sign(consentCodec, { federation, job, site: site.site, ...hashes });
  const consent = (site: TestSite, message: SignedMessage) =>
    site.call(JobService, 'consent', { job: JOB, consent: message });
  await assert.rejects(consent(b, consentOf(a)), refusedAs('UNAUTHENTICATED'));
  await assert.rejects(consent(a, consentOf(a, 'other' as JobId)), refusedAs('WRONG_CONTEXT'));
  for (const site of [a, a, b]) await consent(site, consentOf(site));
  assert.equal((await watch(a)).jobState, JobState.JOINING);
  await consent(c, consentOf(c));

  const { round, jobState } = await watch(a);
  assert.equal(jobState, JobState.RUNNING);
  assert.equal(round?.phase, RoundPhase.COLLECTING);
  const baseModelHash = manifest.model.initialHash;
  assert.equal(toHex(round.baseModelHash), baseModelHash);
  known.context = roundContext({ federation, ...REF, baseModelHash, ...hashes });
  for (const site of sites) {
    const residues = randomResidues(CHUNK_BYTES / 8);
    const ciphertext = encodePart(residues);
    given.set(site, { residues, ciphertext, shares: randomRecords(), openings: randomRecords() });
  }
});

test('a commitment without its uploads is refused, and uploads of a wrong size, kind or content are', async () => {
  const upload = (kind: BlobKind, size: number, parts: Bytes[]) => a.upload({ ref: REF, kind, size }, parts);
  await assert.rejects(commit(a, commitmentOf(a)), refusedAs('PART_OUT_OF_ORDER'));
  await assert.rejects(upload(BlobKind.CIPHERTEXT, CHUNK_BYTES + 8, []), refusedAs('PART_BAD_LENGTH'));
  const tooLarge = new Uint8Array(CHUNK_BYTES).fill(0xff);
  await assert.rejects(upload(BlobKind.CIPHERTEXT, CHUNK_BYTES, [tooLarge]), refusedAs('PART_OUT_OF_RANGE'));
  await assert.rejects(upload(BlobKind.OPENING, SHARES_BYTES, []), refusedAs('WRONG_PHASE'));
  await assert.rejects(upload(BlobKind.UNSPECIFIED, SHARES_BYTES, []), refusedAs('MALFORMED'));
  for (const site of sites) {
    const header = { ref: REF, kind: BlobKind.CIPHERTEXT, size: CHUNK_BYTES };
    assert.equal(await site.upload(header, [given.get(site)!.ciphertext]), CHUNK_BYTES);
  }
});

test('an upload with another root than the committed one is forgotten, so that its site can start again', async () => {
  await uploadShares(a, randomRecords());
  await assert.rejects(commit(a, commitmentOf(a)), refusedAs('ROOT_MISMATCH'));
  assert.equal(await sharesCommitted(a), 0);
  for (const site of sites) await uploadShares(site, given.get(site)!.shares);
});

test('a site commits once, in its own name, and what it signed for stays', async () => {
  const mine = commitmentOf(a);
  await assert.rejects(commit(b, mine), refusedAs('UNAUTHENTICATED'));
  const said = commitmentCodec.parse(mine.payload, { members: [a.member] });
  await assert.rejects(commit(b, b.signAgain(commitmentCodec, mine.payload)), refusedAs('BAD_SIGNATURE'));
  const stale = a.sign(commitmentCodec, { ...said, context: MODEL_HASH });
  await assert.rejects(commit(a, stale), refusedAs('WRONG_CONTEXT'));
  const longer = a.sign(commitmentCodec, { ...said, chunks: 2 });
  await assert.rejects(commit(a, longer), refusedAs('MODEL_MISMATCH'));
  await commit(a, mine);
  await commit(a, mine);
  const other = a.sign(commitmentCodec, { ...said, shareRoot: MODEL_HASH });
  await assert.rejects(commit(a, other), refusedAs('CONFLICTING_SUBMISSION'));
  assert.equal(await sharesCommitted(a), SHARES_BYTES);
  const more = { ref: REF, kind: BlobKind.SHARES, size: SHARES_BYTES, offset: SHARES_BYTES };
  await assert.rejects(a.upload(more, []), refusedAs('WRONG_PHASE'));
});

test('a watch ends with the change it waits for, and the last commitment seals the set', async () => {
  const { version } = await watch(a);
  const waiting = a.call(RoundService, 'watchRound', { job: JOB, knownVersion: version, waitMs: 4000 });
  for (const site of [b, c]) await commit(site, commitmentOf(site));
  assert.notEqual((await waiting).version, version);
  const sealed = await until(RoundPhase.SEALED);
  known.setRoot = setRoot(sites.map(commitmentOf));
  assert.equal(toHex(sealed.set!.root), known.setRoot);
});

test('each site fetches the shares sealed to it, with proofs into the roots that were committed', async () => {
  const received = await b.download(DownloadService, 'downloadShares', { ref: REF });
  assert.deepEqual(
    received.map(({ site }) => site),
    sites.map(({ site }) => site),
  );
  for (const [i, { sealed, proof }] of received.entries()) {
    const dealt = records(given.get(sites[i]!)!.shares);
    assert.deepEqual(Buffer.from(sealed), Buffer.from(dealt[1]!));
    const claim = { index: 1n, size: 3n, leafHash: hashLeaf(sealed), root: toDigestBytes(root(dealt)) };
    verifyInclusion({ ...claim, proof });
  }
});

test('the sum is to be had once the set is acknowledged, and another site’s ciphertext only by a proxy', async () => {
  await assert.rejects(b.download(DownloadService, 'downloadSum', { ref: REF }), refusedAs('WRONG_PHASE'));
  for (const site of sites) {
    const { context, setRoot } = known;
    const value = { context, site: site.site, setAttempt: 1, setRoot };
    const acknowledgement = site.sign(acknowledgementCodec, value);
    await site.call(RoundService, 'acknowledge', { ref: REF, acknowledgement });
  }
  const summed = await until(RoundPhase.SUMMED);
  known.sumRoot = toHex(summed.sumRoot) as Digest;
  const parts = await c.download(DownloadService, 'downloadSum', { ref: REF });
  assert.equal(root(parts.map(({ data }) => data)), known.sumRoot);
  const curious = { ref: REF, site: a.site };
  await assert.rejects(
    b.download(DownloadService, 'downloadContribution', curious),
    refusedAs('WRONG_PHASE'),
  );
});

test('checksums that add up move the round on', async () => {
  const { context, setRoot, sumRoot } = known;
  const [one, two, three] = [context, setRoot, sumRoot].map(toDigestBytes) as [Bytes, Bytes, Bytes];
  const keys = checksumKeys({ context: one, setRoot: two, sumRoot: three });
  for (const site of sites) {
    const kernel = createPlainKernel();
    const chunk = kernel.allocate(CHUNK_BYTES / 8);
    chunk.set(given.get(site)!.residues);
    const sum = createChecksum(kernel, nodeKeyStream, keys);
    sum.addChunk(0, chunk);
    const values = sum.values().map(encodeChecksumValue) as [string, string];
    const own = { site: site.site, subject: site.site };
    const checksum = site.sign(checksumStatementCodec, { context, ...own, setRoot, sumRoot, values });
    await site.call(RoundService, 'submitChecksum', { ref: REF, checksum });
  }
  await until(RoundPhase.OPENING);
});

test('openings are shown and handed out when no more are awaited', async () => {
  const open = async (site: TestSite) => {
    const bytes = given.get(site)!.openings;
    await site.upload({ ref: REF, kind: BlobKind.OPENING, size: bytes.length }, [bytes]);
    const opening = site.sign(openingCodec, { ...known, site: site.site, openingRoot: root(records(bytes)) });
    await site.call(RoundService, 'open', { ref: REF, opening });
  };
  await open(a);
  assert.equal((await watch(a)).round!.openings.length, 1, 'its own');
  assert.equal((await watch(b)).round!.openings.length, 0);
  await assert.rejects(
    b.download(DownloadService, 'downloadOpenings', { ref: REF }),
    refusedAs('WRONG_PHASE'),
  );
  await open(b);
  await open(c);
  assert.equal((await watch(b)).round!.openings.length, 3);
  const opened = await b.download(DownloadService, 'downloadOpenings', { ref: REF });
  assert.deepEqual(
    opened.map(({ sealed }) => Buffer.from(sealed)),
    sites.map((site) => Buffer.from(records(given.get(site)!.openings)[1]!)),
  );
});

test('equal attestations publish the round, and the next one starts from its model', async () => {
  for (const site of sites) {
    const value = { ...known, site: site.site, modelHash: MODEL_HASH, metrics: {} };
    await site.call(RoundService, 'attest', { ref: REF, attestation: site.sign(attestationCodec, value) });
  }
  const next = (await watch(a)).round!;
  assert.deepEqual([next.ref?.round, next.phase], [1, RoundPhase.COLLECTING]);
  assert.equal(toHex(next.baseModelHash), MODEL_HASH);
  // What is past can still be fetched.
  assert.equal((await c.download(DownloadService, 'downloadSum', { ref: REF })).length, 1);
});

test('operators see the round, and auditors its records', async () => {
  interface Shown {
    readonly phase: string;
    readonly phases: { readonly phase: string }[];
  }
  const { rounds } = await getJson<{ rounds: Shown[] }>(`/v1/jobs/${JOB}/rounds`);
  assert.equal(rounds[0]!.phase, 'published');
  assert.deepEqual(
    rounds[0]!.phases.map(({ phase }) => phase),
    ['collecting', 'sealed', 'summed', 'opening', 'published'],
  );
  type Attempts = { attempts: { uploads: { ciphertextBytes: number }[] }[] };
  const { attempts } = await getJson<Attempts>(`/v1/jobs/${JOB}/rounds/0`);
  assert.deepEqual(
    attempts[0]!.uploads.map(({ ciphertextBytes }) => ciphertextBytes),
    [CHUNK_BYTES, CHUNK_BYTES, CHUNK_BYTES],
  );
  // charter, a certificate for each site, roster, manifest, round-sealed, round
  assert.equal((await getJson<{ log: { size: number } }>('/v1/status')).log.size, 5 + 3);
  const metrics = await (await coordinator.get('/metrics')).text();
  assert.match(metrics, /blindsum_rounds_total\{phase="opening",result="published"\} 1/);
  assert.match(metrics, /blindsum_contributors_total\{result="counted"\} 3/);
  assert.match(metrics, /blindsum_rounds_open\{phase="collecting"\} 1/);
  assert.match(metrics, /blindsum_contributors_expected 3/);
  assert.match(metrics, /blindsum_log_entries 8/);
  assert.match(metrics, /blindsum_phase_seconds_count\{phase="opening"\} 1/);
  assert.match(metrics, /blindsum_upload_bytes_total\{kind="ciphertext"\} 98304/);
  assert.match(metrics, /blindsum_rpc_calls_total\{method="RoundService.Commit",code="ROOT_MISMATCH"\} 1/);
});

test('a coordinator that stops answers those who wait, at once', async () => {
  const { version } = await watch(a);
  let isAnswered = false;
  const waiting = a
    .call(RoundService, 'watchRound', { job: JOB, knownVersion: version, waitMs: 30_000 })
    .then((view) => {
      isAnswered = true;
      return view;
    });
  // Answered in the order in which they came: the first watch has arrived when the second is answered.
  await watch(a);
  assert.equal(isAnswered, false);
  await coordinator.running.stop();
  assert.equal((await waiting).version, version);
});
