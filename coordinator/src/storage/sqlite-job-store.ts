// Jobs and consents in SQL.
import {
  isEqualBytes,
  Refusal,
  refuseUnless,
  type JobId,
  type SignedMessage,
  type SiteId,
} from '@blindsum/proto';
import { OPEN_STATES } from '../job-status.ts';
import type { JobHead, JobStatus, JobStore, StoredJob } from '../ports.ts';
import type { Database, JobRow } from './tables.ts';

export function createSqliteJobStore(database: Database): JobStore {
  return {
    load: (job) => loadJob(database, job),
    list: () => listJobs(database),
    open: () => listOpenJobs(database),
    create: (job) => createJob(database, job),
    replace: (before, status) => replaceJob(database, before, status),
    addConsent: (job, site, consent) => addConsent(database, { job, site, ...consent }),
    consents: (job) => listConsents(database, job),
  };
}

async function loadJob(database: Database, job: JobId): Promise<StoredJob | undefined> {
  const row = await database.selectFrom('jobs').selectAll().where('job', '=', job).executeTakeFirst();
  return row && toStoredJob(row);
}

async function listJobs(database: Database): Promise<StoredJob[]> {
  const rows = await database.selectFrom('jobs').selectAll().orderBy('submitted_ms').orderBy('job').execute();
  return rows.map(toStoredJob);
}

async function listOpenJobs(database: Database): Promise<JobHead[]> {
  const rows = await database
    .selectFrom('jobs')
    .select(['job', 'version', 'status', 'submitted_ms'])
    .where('state', 'in', OPEN_STATES)
    .orderBy('submitted_ms')
    .orderBy('job')
    .execute();
  return rows.map(toJobHead);
}

async function createJob(database: Database, job: Omit<StoredJob, 'version'>): Promise<StoredJob> {
  const { manifest, roster } = job;
  const values = { job: job.job, version: 1n, ...toStatusColumns(job.status), manifest, roster };
  await database
    .insertInto('jobs')
    .values({ ...values, submitted_ms: BigInt(job.submittedMs) })
    .onConflict((conflict) => conflict.column('job').doNothing())
    .execute();
  const stored = await loadJob(database, job.job);
  if (!stored) throw new Error(`job ${job.job} is gone after it was created`);
  refuseUnless(
    isEqualBytes(stored.manifest, manifest) && isEqualBytes(stored.roster, roster),
    'CONFLICTING_SUBMISSION',
    `job ${job.job} exists with another manifest or roster`,
  );
  return stored;
}

async function replaceJob(
  database: Database,
  before: JobHead,
  status: JobStatus,
): Promise<StoredJob | undefined> {
  const row = await database
    .updateTable('jobs')
    .set({ ...toStatusColumns(status), version: BigInt(before.version + 1) })
    .where((where) => where.and({ job: before.job, version: BigInt(before.version) }))
    .returningAll()
    .executeTakeFirst();
  return row && toStoredJob(row);
}

type Consent = SignedMessage & { readonly job: JobId; readonly site: SiteId };

async function addConsent(database: Database, consent: Consent): Promise<void> {
  const { job, site, payload, signature } = consent;
  await refuseUnknownJob(database, job);
  await database
    .insertInto('consents')
    .values({ job, site, payload, signature })
    .onConflict((conflict) => conflict.columns(['job', 'site']).doNothing())
    .execute();
  const stored = (await listConsents(database, job)).get(site);
  if (!stored) throw new Error(`the consent of ${site} to job ${job} is gone after it was added`);
  refuseUnless(
    isEqualBytes(stored.payload, payload) && isEqualBytes(stored.signature, signature),
    'CONFLICTING_SUBMISSION',
    `${site} has given another consent to job ${job}`,
  );
}

async function refuseUnknownJob(database: Database, job: JobId): Promise<void> {
  if (!(await loadJob(database, job))) throw new Refusal('NOT_FOUND', `job ${job}`);
}

async function listConsents(database: Database, job: JobId): Promise<Map<SiteId, SignedMessage>> {
  const rows = await database
    .selectFrom('consents')
    .select(['site', 'payload', 'signature'])
    .where('job', '=', job)
    .orderBy('site')
    .execute();
  return new Map(rows.map(({ site, payload, signature }) => [site as SiteId, { payload, signature }]));
}

function toStatusColumns(status: JobStatus): Pick<JobRow, 'status' | 'state'> {
  return { status: JSON.stringify(status), state: status.state };
}

function toJobHead(row: Pick<JobRow, 'job' | 'version' | 'status' | 'submitted_ms'>): JobHead {
  return {
    job: row.job as JobId,
    version: Number(row.version),
    status: JSON.parse(row.status) as JobStatus,
    submittedMs: Number(row.submitted_ms),
  };
}

function toStoredJob(row: JobRow): StoredJob {
  return { ...toJobHead(row), manifest: row.manifest, roster: row.roster };
}
