// Jobs and consents in SQL.
import {
  isEqualBytes,
  Refusal,
  refuseUnless,
  type JobId,
  type SignedMessage,
  type SiteId,
} from '@blindsum/proto';
import type { Transaction } from 'kysely';
import { OPEN_STATES } from '../job-status.ts';
import type { JobHead, JobStatus, JobStore, StoredJob } from '../ports.ts';
import type { Database, JobDocumentsRow, JobRow, Tables } from './tables.ts';

export function createSqliteJobStore(database: Database): JobStore {
  return {
    load: (job) => loadJob(database, job),
    head: (job) => loadHead(database, job),
    list: () => listJobs(database),
    open: () => listOpenJobs(database),
    create: (job) => database.transaction().execute((transaction) => createJob(transaction, job)),
    replace: (before, status) => replaceJob(database, before, status),
    addConsent: (job, site, consent) => keepFirst(database, 'consents', { job, site, ...consent }),
    consents: (job) => listMessages(database, 'consents', job),
    addWithdrawal: (job, site, withdrawal) =>
      keepFirst(database, 'withdrawals', { job, site, ...withdrawal }),
    withdrawals: (job) => listMessages(database, 'withdrawals', job),
    withdrawn: () => listWithdrawn(database),
    saidBy: async (site) => ({
      consented: await jobsOf(database, 'consents', site),
      withdrawn: await jobsOf(database, 'withdrawals', site),
    }),
  };
}

async function loadJob(database: Database, job: JobId): Promise<StoredJob | undefined> {
  const row = await database
    .selectFrom('jobs')
    .innerJoin('job_documents', 'job_documents.job', 'jobs.job')
    .select(['jobs.job', 'version', 'status', 'submitted_ms'])
    .select(['manifest', 'roster', 'author_signature'])
    .where('jobs.job', '=', job)
    .executeTakeFirst();
  return row && toStoredJob(row);
}

async function loadHead(database: Database, job: JobId): Promise<JobHead | undefined> {
  const row = await selectHeads(database).where('job', '=', job).executeTakeFirst();
  return row && toJobHead(row);
}

async function listJobs(database: Database): Promise<JobHead[]> {
  return (await selectHeads(database).execute()).map(toJobHead);
}

async function listOpenJobs(database: Database): Promise<JobHead[]> {
  return (await selectHeads(database).where('state', 'in', OPEN_STATES).execute()).map(toJobHead);
}

const HEAD_COLUMNS = ['job', 'version', 'status', 'submitted_ms'] as const;

function selectHeads(database: Database) {
  return database.selectFrom('jobs').select(HEAD_COLUMNS).orderBy('submitted_ms').orderBy('job');
}

async function createJob(
  transaction: Transaction<Tables>,
  job: Omit<StoredJob, 'version'>,
): Promise<StoredJob> {
  const { manifest, roster, authorSignature } = job;
  await transaction
    .insertInto('jobs')
    .values({
      ...{ job: job.job, version: 1n, submitted_ms: BigInt(job.submittedMs) },
      ...toStatusColumns(job.status),
    })
    .onConflict((conflict) => conflict.column('job').doNothing())
    .execute();
  await transaction
    .insertInto('job_documents')
    .values({ job: job.job, manifest, roster, author_signature: authorSignature })
    .onConflict((conflict) => conflict.column('job').doNothing())
    .execute();
  const stored = await loadJob(transaction, job.job);
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
): Promise<JobHead | undefined> {
  const row = await database
    .updateTable('jobs')
    .set({ ...toStatusColumns(status), version: BigInt(before.version + 1) })
    .where((where) => where.and({ job: before.job, version: BigInt(before.version) }))
    .returning(HEAD_COLUMNS)
    .executeTakeFirst();
  return row && toJobHead(row);
}

type SiteMessages = 'consents' | 'withdrawals';
type SiteMessage = SignedMessage & { readonly job: JobId; readonly site: SiteId };

/** A site says each of these once about a job; the same again is a retry. */
async function keepFirst(database: Database, table: SiteMessages, message: SiteMessage): Promise<void> {
  const { job, site, payload, signature } = message;
  await refuseUnknownJob(database, job);
  await database
    .insertInto(table)
    .values({ job, site, payload, signature })
    .onConflict((conflict) => conflict.columns(['job', 'site']).doNothing())
    .execute();
  const stored = (await listMessages(database, table, job)).get(site);
  if (!stored) throw new Error(`what ${site} said of job ${job} is gone from ${table} after it was added`);
  refuseUnless(
    isEqualBytes(stored.payload, payload) && isEqualBytes(stored.signature, signature),
    'CONFLICTING_SUBMISSION',
    `${site} has said something else of job ${job} in ${table} before`,
  );
}

async function refuseUnknownJob(database: Database, job: JobId): Promise<void> {
  if (!(await loadHead(database, job))) throw new Refusal('NOT_FOUND', `job ${job}`);
}

async function listMessages(
  database: Database,
  table: SiteMessages,
  job: JobId,
): Promise<Map<SiteId, SignedMessage>> {
  const rows = await database
    .selectFrom(table)
    .select(['site', 'payload', 'signature'])
    .where('job', '=', job)
    .orderBy('site')
    .execute();
  return new Map(rows.map(({ site, payload, signature }) => [site as SiteId, { payload, signature }]));
}

async function listWithdrawn(database: Database): Promise<Map<JobId, SiteId[]>> {
  const rows = await database.selectFrom('withdrawals').select(['job', 'site']).orderBy('site').execute();
  const withdrawn = new Map<JobId, SiteId[]>();
  for (const { job, site } of rows) {
    const sites = withdrawn.get(job as JobId) ?? [];
    sites.push(site as SiteId);
    withdrawn.set(job as JobId, sites);
  }
  return withdrawn;
}

async function jobsOf(database: Database, table: SiteMessages, site: SiteId): Promise<Set<JobId>> {
  const rows = await database.selectFrom(table).select('job').where('site', '=', site).execute();
  return new Set(rows.map(({ job }) => job as JobId));
}

function toStatusColumns(status: JobStatus): Pick<JobRow, 'status' | 'state'> {
  return { status: JSON.stringify(status), state: status.state };
}

type HeadRow = Pick<JobRow, (typeof HEAD_COLUMNS)[number]>;

function toJobHead(row: HeadRow): JobHead {
  return {
    job: row.job as JobId,
    version: Number(row.version),
    status: JSON.parse(row.status) as JobStatus,
    submittedMs: Number(row.submitted_ms),
  };
}

function toStoredJob(row: HeadRow & JobDocumentsRow): StoredJob {
  const { manifest, roster, author_signature: authorSignature } = row;
  return { ...toJobHead(row), manifest, roster, authorSignature };
}
