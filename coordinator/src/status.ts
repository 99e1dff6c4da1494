// What operators see: jobs, rounds and sites as plain values. Names of sites are fine here, and nothing in it is secret.
import { roundKind, type JobId, type SiteId } from '@blindsum/proto';
import type { AuditTrail } from './audit-trail.ts';
import type { DiskWatch } from './disk/disk-watch.ts';
import { certificateState, type Validity } from './identity/certificate-life.ts';
import type { ServerIdentity } from './identity/server-identity.ts';
import type { JobDocument, JobReader, OpenJob } from './job-document.ts';
import { jobRosterStatus, type JobRosterSource } from './job-roster-status.ts';
import { currentRound, inQueue, reasonOf } from './job-status.ts';
import { fingerprintOf } from './known-fingerprints.ts';
import type { Member, MemberStore } from './member-store.ts';
import type {
  BlobName,
  BlobStore,
  CheckpointStore,
  Clock,
  JobHead,
  JobStore,
  RoundId,
  RoundStore,
  StoredRound,
} from './ports.ts';
import { awaitedIn, contributorsOf, leftOutOf } from './round/attendance.ts';
import type { RosterChain } from './roster-reader.ts';
import { totalBytes } from './storage/listed-blobs.ts';
import type { Round } from './round/round.ts';
import { isOnline } from './site-presence.ts';
import type { RoundTraffic, TrafficOf } from './traffic/round-traffic.ts';
import type { TimestampDriver } from './timestamps/timestamp-driver.ts';
import type { WitnessingStatus } from './witnessing/witnessing-status.ts';

export interface StatusSource extends JobRosterSource {
  readonly federation: string;
  readonly version: string;
  readonly startedMs: number;
  readonly jobs: JobStore;
  readonly reader: JobReader;
  readonly rounds: RoundStore;
  readonly checkpoints: CheckpointStore;
  readonly members: MemberStore;
  readonly blobs: Pick<BlobStore, 'size' | 'list'>;
  readonly trail: Pick<AuditTrail, 'last'>;
  readonly traffic: Pick<RoundTraffic, 'ofJob'>;
  readonly clock: Clock;
  readonly logStatus: () => Promise<LogStatus>;
  /** Undefined where the log is not stamped. */
  readonly timestamps: Pick<TimestampDriver, 'status'> | undefined;
  readonly disk: Pick<DiskWatch, 'look'>;
  readonly identity: Pick<ServerIdentity, 'validity'>;
}

export interface LogStatus extends WitnessingStatus {
  readonly origin: string;
  readonly size: number;
  /** Lower-case hexadecimal. */
  readonly root: string;
  readonly verifierKey: string;
  /** Why it signs nothing any more; null as long as it does. */
  readonly stopped: string | null;
}

export async function overview(source: StatusSource) {
  const [jobs, sites, disk] = await Promise.all([listJobs(source), listSites(source), source.disk.look()]);
  const timestamps = source.timestamps?.status ?? null;
  return { ...(await about(source)), timestamps, disk, jobs, sites };
}

/** The coordinator itself, and its log. */
export async function about(source: StatusSource) {
  const { federation, version, startedMs } = source;
  const certificate = certificateStatus(source.identity.validity, source.clock.nowMs());
  return { federation, version, startedMs, certificate, log: await source.logStatus() };
}

export async function listSites({ members, clock }: StatusSource) {
  const nowMs = clock.nowMs();
  return (await members.list()).map((member) => siteStatus(member, nowMs));
}

export async function listJobs(source: StatusSource) {
  return jobSummaries(source, await source.jobs.list());
}

/** Some of them, in this order, as they were just read. */
export async function jobSummaries(source: StatusSource, heads: readonly JobHead[]) {
  const shared = await readShared(source);
  return Promise.all(
    heads.map(async (head) => summarise(source, await source.reader.open(head.job, head), shared)),
  );
}

/** One of those; refuses NOT_FOUND. */
export async function jobSummary(source: StatusSource, job: JobId) {
  return summarise(source, await source.reader.open(job), await readShared(source));
}

/** What is read once for all jobs that are told. */
interface Shared {
  readonly queue: readonly JobId[];
  readonly chain: RosterChain;
  readonly withdrawn: ReadonlyMap<JobId, readonly SiteId[]>;
}

async function readShared({ jobs, jobRosters }: StatusSource): Promise<Shared> {
  const [open, chain, withdrawn] = await Promise.all([jobs.open(), jobRosters.chain(), jobs.withdrawn()]);
  return { queue: inQueue(open), chain, withdrawn };
}

/** Refuses NOT_FOUND. */
export async function jobStatus(source: StatusSource, job: JobId) {
  const opened = await source.reader.open(job);
  const shared = await readShared(source);
  const { document } = await rosterOf(source, opened, shared.chain);
  const { manifest, manifestHash, rosterHash, roster } = document;
  const [consents, withdrawals] = await Promise.all([
    source.jobs.consents(job),
    source.jobs.withdrawals(job),
  ]);
  return {
    ...(await summarise(source, opened, shared)),
    manifestHash,
    rosterHash,
    members: roster.members.map(({ site }) => ({
      site,
      consented: consents.has(site),
      withdrawn: withdrawals.has(site),
    })),
    checkpoint: await checkpointStatus(source, job),
    manifest,
  };
}

/** The job under the roster of its current round. */
export async function rosterOf(source: StatusSource, opened: OpenJob, chain: RosterChain) {
  const id = currentRound(opened.stored);
  return jobRosterStatus(source, opened, id && (await source.rounds.load(id)), chain);
}

/** Who sealed the latest model for sites that were away, and who could not open which; null as long as none needed it. */
async function checkpointStatus({ checkpoints }: StatusSource, job: JobId) {
  const request = (await checkpoints.load(job))?.request;
  if (request === undefined) return null;
  const { round, asked, offers, complaints } = request;
  return {
    round,
    asked: asked?.site ?? null,
    sealedBy: offers.map(({ sealer }) => sealer),
    complaints: complaints.map(({ site, sealer }) => ({ site, sealer })),
  };
}

/** Every attempt of every round; refuses NOT_FOUND. */
export async function listRounds(source: StatusSource, job: JobId) {
  await source.reader.open(job);
  const [rounds, traffic] = await Promise.all([source.rounds.list(job), source.traffic.ofJob(job)]);
  return Promise.all(
    rounds.map(async (stored) => roundSummary(await documentOf(source, stored), stored, traffic)),
  );
}

/** The attempts of one round, with what each site has uploaded; refuses NOT_FOUND by an empty list. */
export async function roundAttempts(source: StatusSource, job: JobId, round: number) {
  await source.reader.open(job);
  const [rounds, traffic] = await Promise.all([source.rounds.list(job), source.traffic.ofJob(job)]);
  const attempts = rounds.filter(({ id }) => id.round === round);
  return Promise.all(attempts.map((stored) => roundDetail(source, stored, traffic)));
}

/** The job under the roster of one of its rounds. */
function documentOf({ reader }: StatusSource, { id, round }: StoredRound): Promise<JobDocument> {
  return reader.at(id.job, round.rules.rosterHash);
}

function certificateStatus(validity: Validity, nowMs: number) {
  return { expiresMs: validity.notAfterMs, state: certificateState(validity, nowMs) };
}

export function siteStatus(member: Member, nowMs: number) {
  const { site, version, backend, activity, permille, admittedMs, lastSeenMs } = member;
  return {
    site,
    fingerprint: fingerprintOf(member),
    online: isOnline(member, nowMs),
    certificate: certificateStatus(member.certificate, nowMs),
    revoked: member.revoked ?? null,
    admittedMs,
    lastSeenMs: lastSeenMs ?? null,
    version,
    backend,
    activity,
    permille,
  };
}

async function summarise(source: StatusSource, opened: OpenJob, { queue, chain, withdrawn }: Shared) {
  const { rounds, blobs } = source;
  const { stored, document } = opened;
  const { job, status, submittedMs } = stored;
  const id = currentRound(stored);
  const current = id && (await rounds.load(id));
  const { document: goneBy, waits } = await jobRosterStatus(source, opened, current, chain);
  return {
    job,
    description: document.manifest.description,
    state: status.state,
    /** 1 for the job that starts next; null unless it is queued. */
    queuePosition: status.state === 'queued' ? queue.indexOf(job) + 1 : null,
    submittedMs,
    trainingRounds: document.manifest.rounds,
    parameters: document.manifest.model.parameters,
    current: current ? currentStatus(current) : null,
    roster: { version: goneBy.roster.version, waits },
    modelHash: status.state === 'finished' ? status.modelHash : null,
    failure: reasonOf(status) ?? null,
    /** Sites that took their consent back. */
    withdrawn: withdrawn.get(job) ?? [],
    /** Of uploads and sums that are kept. */
    bytesOnDisk: totalBytes(await blobs.list(job)),
  };
}

/** One attempt of a round; undefined for one that is not there. */
export async function roundSummaryOf(source: StatusSource, id: RoundId) {
  const stored = await source.rounds.load(id);
  if (!stored) return undefined;
  return roundSummary(await documentOf(source, stored), stored, await source.traffic.ofJob(id.job));
}

function place({ id: { round, attempt } }: StoredRound) {
  return { round, attempt };
}

function currentStatus(stored: StoredRound) {
  const { round } = stored;
  return {
    ...place(stored),
    phase: round.phase,
    sitesIn: contributorsOf(round).length,
    awaited: awaitedIn(round),
    isCarried: isCarried(round),
  };
}

/** True if shares of the set were opened, and the sites that could bring it to its end are away. */
function isCarried(round: Round): boolean {
  return 'deadline' in round && round.deadline.ends.startsWith('carried');
}

function roundSummary(document: JobDocument, stored: StoredRound, traffic: TrafficOf) {
  const { id, round, startedMs } = stored;
  return {
    job: id.job,
    ...place(stored),
    kind: roundKind(id.round, document.manifest.rounds),
    phase: round.phase,
    startedMs,
    deadlineMs: 'deadline' in round ? round.deadline.atMs : null,
    context: round.rules.context,
    baseModelHash: round.rules.baseModelHash,
    contributors: contributorsOf(round),
    leftOut: leftOutOf(
      round,
      document.roster.members.map(({ site }) => site),
    ),
    awaited: awaitedIn(round),
    isCarried: isCarried(round),
    setRoot: 'set' in round ? round.set.root : null,
    sumRoot: 'sum' in round && round.sum ? round.sum.root : null,
    modelHash: round.phase === 'published' ? round.modelHash : null,
    failure: round.phase === 'failed' ? { reason: round.reason, detail: round.detail } : null,
    phases: round.phases,
    traffic: traffic(id),
  };
}

async function roundDetail(source: StatusSource, stored: StoredRound, traffic: TrafficOf) {
  const { id, round } = stored;
  const document = await documentOf(source, stored);
  const chunks = document.chunks(id.round);
  const uploads = await Promise.all(
    round.rules.sites.map(async (site) => ({
      site,
      ciphertextBytes: await uploaded(source, { id, kind: 'ciphertext', owner: site }),
      sharesBytes: await uploaded(source, { id, kind: 'shares', owner: site }),
      openingBytes: await uploaded(source, { id, kind: 'opening', owner: site }),
    })),
  );
  return { ...roundSummary(document, stored, traffic), chunks, uploads };
}

function uploaded({ blobs }: StatusSource, name: BlobName): Promise<number> {
  return blobs.size(name);
}
