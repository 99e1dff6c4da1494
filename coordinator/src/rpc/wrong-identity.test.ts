// Every method of every service, called by everybody who must not: while a job runs, each call that a site is about to make is
// made by all impostors first. Whoever adds a method adds a call to `playEverything`, or the last test here fails.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Client } from '@grpc/grpc-js';
import {
  checkpointBytes,
  checkpointComplaintCodec,
  complaintCodec,
  encodeSiteRequest,
  globalModelBytes,
  manifestHash,
  modelReleaseCodec,
  parseChainedRoster,
  parseManifest,
  sealedCheckpointCodec,
  toHex,
  withdrawalCodec,
  utf8,
  type Bytes,
  type Digest,
  type SignedMessage,
  type SiteId,
} from '@blindsum/proto';
import { hashLeaf } from '@blindsum/proto/node';
import {
  BlobKind,
  DownloadService,
  EnrolmentService,
  FederationService,
  JobService,
  ReleaseService,
  RosterService,
  RoundPhase,
  RoundService,
  type RoundView,
} from '@blindsum/proto/rpc';
import { merkleRoot } from '@blindsum/proto/tlog';
import {
  admitTestSite,
  createSiteRequest,
  FEDERATION,
  refusedAs,
  startTestCoordinator,
  type SentCall,
  type TestCoordinator,
  type TestSite,
} from '../federation.fixture.ts';
import { adoptRoster, approvalOf } from '../adoption.fixture.ts';
import { createAuthorityKey, openAuthority } from '../identity/authority.ts';
import { toMemberCertificate } from '../identity/certificate-life.ts';
import { loadAuthority } from '../identity/authority-files.ts';
import { openSqliteDatabase } from '../storage/database.ts';
import { createSqliteMemberStore } from '../storage/sqlite-member-store.ts';
import { TestJob, type TestRound } from '../whole-rounds.fixture.ts';
import { ACCESS_RULES, SERVICES } from './access-rules.ts';
import { followLog } from './followed-log.fixture.ts';
import { SIGNED } from './signed-calls.fixture.ts';
import { assertChangesNothing, dial, outcomeOf } from './impostors.fixture.ts';
// Said here once more and not read from the table, which would agree with itself.
const FOR_ANYONE: readonly string[] = ['EnrolmentService.enrol'];
const FOR_MEMBERS: readonly string[] = [
  'EnrolmentService.renew',
  'FederationService.getFederation',
  'FederationService.heartbeat',
  'JobService.listJobs',
  'LogService.getLog',
  'LogService.getCheckpoint',
  'LogService.getRecord',
  'LogService.cosign',
  'LogService.showCheckpoint',
  'RosterService.getRosterChain',
  'RosterService.approveRoster',
  'RosterService.refuseRoster',
  'RoundService.watchRound',
];
const FOR_ROSTER: readonly string[] = ['JobService.getJob', 'JobService.consent', 'JobService.withdraw'];
const FOR_CONSENTED: readonly string[] = [
  'DownloadService.downloadCheckpoint',
  'RoundService.complainAboutCheckpoint',
];
const DAY_MS = 24 * 3600_000;

interface Impostor {
  readonly what: string;
  readonly client: Client;
  /** What it is refused with; undefined if it may make this call as well as anybody. */
  refusal(sent: SentCall): string | undefined;
  /** The call it makes in place of the one that it saw; the same unless given. */
  forge?(sent: SentCall): SentCall;
}

let coordinator: TestCoordinator;
let a: TestSite;
let b: TestSite;
let c: TestSite;
/** In the roster; consents when the round is under way. */
let late: TestSite;
/** In the roster, and never consents. */
let absent: TestSite;
/** Admitted when the job had its roster. */
let outsider: TestSite;
/** What `late` may do as well as anybody. */
let lateMay: readonly string[] | 'everything' = [...FOR_ANYONE, ...FOR_MEMBERS, ...FOR_ROSTER];
const impostors: Impostor[] = [];
const played = new Set<string>();
const tried = new Map<string, number>();

before(async () => {
  coordinator = await startTestCoordinator();
  const admitted: TestSite[] = [];
  for (const name of ['hospital-a', 'hospital-b', 'hospital-c', 'late', 'absent'])
    admitted.push(await admitTestSite(coordinator, name));
  [a, b, c, late, absent] = admitted as [TestSite, TestSite, TestSite, TestSite, TestSite];
});

after(async () => {
  for (const { client } of impostors) client.close();
  for (const site of [a, b, c, late, absent, outsider]) site.close();
  await coordinator.remove();
  assert.deepEqual(coordinator.crashes, []);
});

/** Those whom TLS or the member store must recognise: the same refusal for every method that is for sites. */
async function strangers(): Promise<Impostor[]> {
  const { stateDirectory } = coordinator.config;
  const authority = await loadAuthority(stateDirectory, FEDERATION, Date.now());
  const other = await openAuthority(FEDERATION, await createAuthorityKey(FEDERATION, Date.now()));
  const elsewhere = await openAuthority('other.example', {
    privateKey: await readIdentity('authority.key'),
    certificate: authority.certificate,
  });
  const { request, tlsKey: key } = await createSiteRequest('hospital-a');
  const issued = (from: typeof authority, nowMs: number) =>
    from.issueSiteCertificate('hospital-a' as SiteId, request, nowMs);
  const expired = await issued(authority, Date.now() - 900 * DAY_MS);
  const future = await issued(authority, Date.now() + 2 * DAY_MS);
  const foreign = await issued(other, Date.now());
  // Known as those of a member, so that nothing but their dates or their authority speaks against them.
  for (const certificate of [expired, future, foreign]) await remember(certificate);
  const server = await authority.createServerIdentity(['localhost'], Date.now());
  const asStranger = (what: string, client: Client): Impostor => ({
    what,
    client,
    refusal: (sent) => (FOR_ANYONE.includes(nameOf(sent)) ? undefined : 'UNAUTHENTICATED'),
  });
  const shows = (certificate: string) => dial(a.grant, { certificate, key });
  return [
    asStranger('nobody', dial(a.grant)),
    asStranger('an expired certificate', shows(expired)),
    asStranger('a certificate that is not valid yet', shows(future)),
    asStranger('a certificate of another authority', shows(foreign)),
    asStranger('a site that was revoked', await revokedSite()),
    asStranger('a certificate that no member was given', shows(await issued(authority, Date.now()))),
    asStranger('a certificate of another federation', shows(await issued(elsewhere, Date.now()))),
    asStranger(
      'the coordinator’s own certificate',
      dial(a.grant, { certificate: server.certificate, key: server.privateKey }),
    ),
  ];
}

async function revokedSite(): Promise<Client> {
  const former = await admitTestSite(coordinator, 'former');
  await coordinator.admin.POST('/v1/sites/{site}/revoke', {
    ...{ params: { path: { site: 'former' } }, body: { reason: 'affiliation-changed' } },
  });
  return former.client;
}

async function readIdentity(name: string): Promise<string> {
  return readFile(join(coordinator.config.stateDirectory, 'identity', name), 'utf8');
}

/** Makes `certificate` one of hospital-a's, beside the one it uses. */
async function remember(certificate: string): Promise<void> {
  const database = await openSqliteDatabase(join(coordinator.config.stateDirectory, 'coordinator.sqlite'));
  const members = createSqliteMemberStore(database);
  const known = (await members.list()).find(({ site }) => site === a.site)!;
  await members.admit({ ...known, certificate: toMemberCertificate(certificate) });
  await database.destroy();
}

const nameOf = ({ service, method }: SentCall) => `${service.name}.${method}`;
const signedIn = ({ method, requests }: SentCall): SignedMessage | undefined => {
  const [field] = SIGNED[method] ?? [];
  return field === undefined ? undefined : (requests[0] as Record<string, SignedMessage>)[field];
};

/** Members with good certificates, in the place of another site. */
function members(): Impostor[] {
  return [
    {
      what: 'a member that is not in the roster',
      client: outsider.client,
      refusal: (sent) =>
        [...FOR_ANYONE, ...FOR_MEMBERS].includes(nameOf(sent)) ? undefined : 'NOT_A_MEMBER',
    },
    {
      what: 'a member that did not consent',
      client: absent.client,
      refusal: (sent) =>
        [...FOR_ANYONE, ...FOR_MEMBERS, ...FOR_ROSTER].includes(nameOf(sent)) ? undefined : 'NOT_A_MEMBER',
    },
    {
      what: 'a member that consented after the round began',
      client: late.client,
      refusal: (sent) =>
        lateMay === 'everything' || lateMay.includes(nameOf(sent)) ? undefined : 'NOT_A_MEMBER',
    },
    {
      what: 'another site with this site’s message',
      client: b.client,
      refusal: (sent) => (signedIn(sent) ? 'UNAUTHENTICATED' : undefined),
    },
    {
      what: 'another site that signs in this site’s name',
      client: b.client,
      // Whose approval it is is looked at first: a signature is checked against two rosters.
      refusal: (sent) =>
        signedIn(sent) && (sent.method === 'approveRoster' ? 'UNAUTHENTICATED' : 'BAD_SIGNATURE'),
      forge(sent) {
        const [field, sign] = SIGNED[sent.method]!;
        const forged = sign(signedIn(sent)!.payload, b);
        return { ...sent, requests: [{ ...sent.requests[0], [field]: forged }] };
      },
    },
  ];
}

async function tryAll(sent: SentCall): Promise<void> {
  const name = nameOf(sent);
  played.add(name);
  const those = impostors.filter((impostor) => impostor.refusal(sent) !== undefined);
  await assertChangesNothing(coordinator.config.stateDirectory, name, async () => {
    for (const impostor of those) {
      const made = impostor.forge?.(sent) ?? sent;
      const outcome = await outcomeOf(impostor.client, made);
      assert.equal(outcome, impostor.refusal(sent), `${name} by ${impostor.what}`);
    }
  });
  tried.set(name, those.length);
}

const root = (bytes: Bytes) => toHex(merkleRoot([hashLeaf(bytes)])) as Digest;

/** A job in which hospital-a, and for what only a site that was away needs, `late`, calls every method there is. */
async function playEverything(): Promise<void> {
  const waits = { joinSeconds: 1, checksumSeconds: 3 };
  const contributors = { minimum: 3, tolerated: 0 };
  // The hooks are set when the roster is fixed: admission is not what is tried here.
  await adoptRoster(coordinator, [a, b, c, absent, late]);
  const job = await TestJob.start(coordinator, { waits, contributors, rounds: 3 }, [a, b, c]);
  outsider = await admitTestSite(coordinator, 'outsider');
  impostors.push(...(await strangers()), ...members());
  a.beforeSending = tryAll;
  await enrolAndRenew();
  await a.call(FederationService, 'getFederation', {});
  const heartbeat = { version: '0.1.0', backend: 'cpu', activity: 'waiting', permille: 0 };
  await a.call(FederationService, 'heartbeat', heartbeat);
  await a.call(JobService, 'listJobs', {});
  await sayAboutRoster();
  await a.call(JobService, 'getJob', { job: job.job });
  await job.consent(a);
  await viewOf(job, RoundPhase.COLLECTING);
  await a.call(RoundService, 'watchRound', { job: job.job });
  const first = await job.current();
  await playFirst(job, first);
  await followLog(a, first.terms.ref);
  await catchUp(first);
  await release(first);
  job.sites = [a, b, c, late];
  lateMay = 'everything';
  const second = await job.current();
  await complainAndSignAsProxy(job, second);
}

/** Without an invitation, and too early: who may ask is looked at before what is asked. */
async function enrolAndRenew(): Promise<void> {
  const { request } = await createSiteRequest('hospital-a');
  const enrolment = { invitation: '0'.repeat(32), secret: new Uint8Array(32) };
  const asked = { ...enrolment, request: utf8(encodeSiteRequest(request)) };
  await assert.rejects(a.call(EnrolmentService, 'enrol', asked), refusedAs('UNAUTHENTICATED'));
  const next = { csr: request.csr };
  await assert.rejects(a.call(EnrolmentService, 'renew', next), refusedAs('QUOTA_EXCEEDED'));
}

/** What is said about a version that is adopted changes nothing any more. */
async function sayAboutRoster(): Promise<void> {
  const { links } = await a.call(RosterService, 'getRosterChain', { fromVersion: 1 });
  const adopted = parseChainedRoster(links[0]!.roster);
  await a.call(RosterService, 'approveRoster', { approval: approvalOf(a, adopted) });
  const refused = { version: 1, rosterHash: Buffer.from(adopted.hash, 'hex'), reason: 'too late' };
  await a.call(RosterService, 'refuseRoster', refused);
}

async function playFirst(job: TestJob, round: TestRound): Promise<void> {
  const { ref } = round.terms;
  for (const site of [a, b, c]) await round.contribute(site);
  for (const site of [a, b, c]) await round.acknowledge(site);
  await a.download(DownloadService, 'downloadShares', { ref });
  for (const site of [a, b, c]) await round.confirm(site);
  await a.download(DownloadService, 'downloadSum', { ref });
  for (const site of [a, b, c]) await round.open(site);
  await a.download(DownloadService, 'downloadOpenings', { ref });
  await job.consent(late);
  lateMay = [...FOR_ANYONE, ...FOR_MEMBERS, ...FOR_ROSTER, ...FOR_CONSENTED];
  for (const site of [a, b, c]) await round.attest(site);
}

/** `late` takes part in the next round, and needs the model of the first. */
async function catchUp({ terms: { ref, context } }: TestRound): Promise<void> {
  const shown = (await late.call(RoundService, 'watchRound', { job: ref.job })).checkpoint!;
  const modelHash = toHex(shown.modelHash) as Digest;
  const { manifest, roster } = await a.call(JobService, 'getJob', { job: ref.job });
  const shape = { members: 5, modelBytes: globalModelBytes(parseManifest(manifest)) };
  const bytes = new Uint8Array(checkpointBytes(shape));
  await a.upload({ ref, kind: BlobKind.CHECKPOINT, size: bytes.length }, [bytes]);
  const { hash } = parseChainedRoster(roster);
  const offer = { context, site: a.site, modelHash, rosterHash: hash, root: root(bytes) };
  await a.call(RoundService, 'offerCheckpoint', { ref, checkpoint: a.sign(sealedCheckpointCodec, offer) });
  late.beforeSending = tryAll;
  await late.download(DownloadService, 'downloadCheckpoint', { ref, site: a.site });
  const complaint = { context, site: late.site, sealer: a.site, root: root(bytes) };
  await late.call(RoundService, 'complainAboutCheckpoint', {
    ref,
    complaint: late.sign(checkpointComplaintCodec, complaint, [a]),
  });
  late.beforeSending = undefined;
}

/** One vote, which does not decide, and a file that nobody waits for. */
async function release({ terms: { ref } }: TestRound): Promise<void> {
  const { modelHash, rosterHash } = await a.call(ReleaseService, 'getRelease', { ref });
  const hashes = { modelHash: toHex(modelHash) as Digest, rosterHash: toHex(rosterHash) as Digest };
  const about = { federation: FEDERATION, job: ref.job, round: ref.round, fileDigest: hashes.modelHash };
  const vote = a.sign(modelReleaseCodec, { ...about, ...hashes, site: a.site });
  await a.call(ReleaseService, 'voteForRelease', { ref, vote });
  await a.call(ReleaseService, 'refuseRelease', { ref, reason: 'not yet' });
  await assert.rejects(a.call(ReleaseService, 'deliverModel', { ref }), refusedAs('WRONG_PHASE'));
}

/** hospital-b's share is complained about, and hospital-c does not sign for its ciphertext. */
async function complainAndSignAsProxy(job: TestJob, round: TestRound): Promise<void> {
  const { ref, context } = round.terms;
  for (const site of job.sites) await round.contribute(site);
  const { set } = await viewOf(job, RoundPhase.SEALED);
  const named = { context, site: a.site, setAttempt: set!.setAttempt, setRoot: toHex(set!.root) as Digest };
  const complaint = a.sign(complaintCodec, { ...named, dealers: [b.site] }, [b]);
  await a.call(RoundService, 'complain', { ref, complaint });
  for (const site of [a, c, late]) await round.acknowledge(site);
  for (const site of [a, late]) await round.confirm(site);
  await viewOf(job, RoundPhase.SUMMED, ({ proxiesWanted }) => proxiesWanted.includes(c.site));
  await a.download(DownloadService, 'downloadContribution', { ref, site: c.site });
  const { manifest } = await b.call(JobService, 'getJob', { job: job.job });
  const hash = manifestHash(parseManifest(manifest));
  const terms = { federation: FEDERATION, job: job.job, site: a.site, manifestHash: hash };
  const withdrawal = a.sign(withdrawalCodec, { ...terms, fromRound: ref.round + 1 });
  await a.call(JobService, 'withdraw', { job: job.job, withdrawal });
}

async function viewOf(
  { job }: TestJob,
  phase: RoundPhase,
  isMeant: (round: RoundView) => boolean = () => true,
): Promise<RoundView> {
  for (let knownVersion = 0n; ;) {
    const { version, round } = await b.call(RoundService, 'watchRound', { job, knownVersion, waitMs: 4000 });
    if (round?.phase === phase && isMeant(round)) return round;
    knownVersion = version;
  }
}

test('whatever a site says, an impostor that says it first is refused and changes nothing', async () => {
  await playEverything();
});

test('every method was tried, by every kind of impostor that it can have', () => {
  const all = Object.entries(ACCESS_RULES).flatMap(([service, rules]) =>
    Object.keys(rules).map((method) => `${service}.${method}`),
  );
  assert.deepEqual([...played].sort(), all.sort());
  for (const [name, count] of tried)
    assert.ok(count >= 8 || FOR_ANYONE.includes(name), `${name}: only ${count}`);
  assert.deepEqual(Object.keys(SERVICES), Object.keys(ACCESS_RULES));
});
