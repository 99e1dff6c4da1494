// What operators see: jobs, rounds and sites as plain values. Names of sites are fine here, and nothing in it is secret.
import type { JobId, SiteId } from '@blindsum/proto';
import type { AuditTrail } from './audit-trail.ts';
import type { DiskWatch } from './disk/disk-watch.ts';
import { certificateState, type Validity } from './identity/certificate-life.ts';
import type { ServerIdentity } from './identity/server-identity.ts';
import type { JobReader, OpenJob } from './job-document.ts';
import { jobRosterStatus, type JobRosterSource } from './job-roster-status.ts';
import { currentRound, inQueue, reasonOf } from './job-status.ts';
import { fingerprintOf } from './known-fingerprints.ts';
import type { Member, MemberStore } from './member-store.ts';
import type { CheckpointStore, Clock, JobHead, JobStore, RoundStore } from './ports.ts';
import type { RosterChain } from './roster-reader.ts';
import type { RoundOutline, RoundOutlines } from './round-outlines.ts';
import { isOnline } from './site-presence.ts';
import { sumOfKinds, type ListedBlobStore } from './storage/listed-blobs.ts';
import type { RoundTraffic } from './traffic/round-traffic.ts';
import type { TimestampDriver } from './timestamps/timestamp-driver.ts';
import type { WitnessingStatus } from './witnessing/witnessing-status.ts';

export interface StatusSource extends JobRosterSource {
  readonly federation: string;
  readonly version: string;
  readonly startedMs: number;
  readonly jobs: JobStore;
  readonly reader: JobReader;
  readonly rounds: RoundStore;
  readonly outlines: Pick<RoundOutlines, 'of' | 'all'>;
  readonly checkpoints: CheckpointStore;
  readonly members: MemberStore;
  readonly blobs: Pick<ListedBlobStore, 'list' | 'listedBytes' | 'totals'>;
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
  const [shared, outlineOf] = await Promise.all([readShared(source), outlinesOf(source, heads)]);
  return Promise.all(
    heads.map(async (head) => {
      const opened = await source.reader.open(head.job, head);
      return summarise(source, { opened, outline: outlineOf(head) }, shared);
    }),
  );
}

/** One of those; refuses NOT_FOUND. */
export async function jobSummary(source: StatusSource, job: JobId) {
  const opened = await source.reader.open(job);
  const [shared, outlineOf] = await Promise.all([readShared(source), outlinesOf(source, [opened.stored])]);
  return summarise(source, { opened, outline: outlineOf(opened.stored) }, shared);
}

/** The round that a job is at, or went through last; undefined before its first. */
export type OutlineOf = (head: JobHead) => RoundOutline | undefined;

/** Of all these jobs at once. */
export async function outlinesOf({ outlines }: StatusSource, heads: readonly JobHead[]): Promise<OutlineOf> {
  const ids = heads.map(currentRound).filter((id) => id !== undefined);
  const found = (await outlines.of(ids)).filter((outline) => outline !== undefined);
  const byJob = new Map(found.map((outline) => [outline.id.job, outline]));
  return ({ job }) => byJob.get(job);
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
  const outline = (await outlinesOf(source, [opened.stored]))(opened.stored);
  const { document } = await jobRosterStatus(source, opened, outline?.rosterHash, shared.chain);
  const { manifest, manifestHash, rosterHash, roster } = document;
  const [consents, withdrawals] = await Promise.all([
    source.jobs.consents(job),
    source.jobs.withdrawals(job),
  ]);
  return {
    ...(await summarise(source, { opened, outline }, shared)),
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
  const outlineOf = await outlinesOf(source, [opened.stored]);
  return jobRosterStatus(source, opened, outlineOf(opened.stored)?.rosterHash, chain);
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

interface Found {
  readonly opened: OpenJob;
  readonly outline: RoundOutline | undefined;
}

async function summarise(
  source: StatusSource,
  { opened, outline }: Found,
  { queue, chain, withdrawn }: Shared,
) {
  const { stored, document } = opened;
  const { job, status, submittedMs } = stored;
  const { document: goneBy, waits } = await jobRosterStatus(source, opened, outline?.rosterHash, chain);
  return {
    job,
    description: document.manifest.description,
    state: status.state,
    /** 1 for the job that starts next; null unless it is queued. */
    queuePosition: status.state === 'queued' ? queue.indexOf(job) + 1 : null,
    submittedMs,
    trainingRounds: document.manifest.rounds,
    parameters: document.manifest.model.parameters,
    current: outline ? currentStatus(outline) : null,
    roster: { version: goneBy.roster.version, waits },
    modelHash: status.state === 'finished' ? status.modelHash : null,
    failure: reasonOf(status) ?? null,
    /** Sites that took their consent back. */
    withdrawn: withdrawn.get(job) ?? [],
    /** Of uploads and sums that are kept. */
    bytesOnDisk: sumOfKinds(await source.blobs.totals(job)),
  };
}

function currentStatus({ id, phase, contributors, awaited, isCarried }: RoundOutline) {
  const { round, attempt } = id;
  return { round, attempt, phase, sitesIn: contributors.length, awaited, isCarried };
}
