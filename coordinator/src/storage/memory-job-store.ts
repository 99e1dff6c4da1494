// Jobs and consents in memory, for tests and simulations.
import {
  isEqualBytes,
  Refusal,
  refuseUnless,
  type JobId,
  type SignedMessage,
  type SiteId,
} from '@blindsum/proto';
import { isEnded } from '../job-status.ts';
import type { JobHead, JobStatus, JobStore, SaidBySite, StoredJob } from '../ports.ts';

interface Row {
  latest: StoredJob;
  readonly consents: Map<SiteId, SignedMessage>;
  readonly withdrawals: Map<SiteId, SignedMessage>;
}

/** JobStore without durability. */
export class MemoryJobStore implements JobStore {
  readonly #rows = new Map<JobId, Row>();

  async load(job: JobId): Promise<StoredJob | undefined> {
    return this.#rows.get(job)?.latest;
  }

  async head(job: JobId): Promise<JobHead | undefined> {
    const row = this.#rows.get(job);
    return row && toHead(row);
  }

  async list(): Promise<readonly JobHead[]> {
    return [...this.#rows.values()]
      .map(toHead)
      .toSorted((a, b) => a.submittedMs - b.submittedMs || (a.job < b.job ? -1 : 1));
  }

  async open(): Promise<readonly JobHead[]> {
    return (await this.list()).filter(({ status }) => !isEnded(status));
  }

  async create(job: Omit<StoredJob, 'version'>): Promise<StoredJob> {
    const row = this.#rows.get(job.job) ?? {
      latest: copyJob({ ...job, version: 1 }),
      consents: new Map<SiteId, SignedMessage>(),
      withdrawals: new Map<SiteId, SignedMessage>(),
    };
    refuseUnless(
      isEqualBytes(row.latest.manifest, job.manifest) && isEqualBytes(row.latest.roster, job.roster),
      'CONFLICTING_SUBMISSION',
      `job ${job.job} exists with another manifest or roster`,
    );
    this.#rows.set(job.job, row);
    return row.latest;
  }

  async replace(before: JobHead, status: JobStatus): Promise<JobHead | undefined> {
    const row = this.#rows.get(before.job);
    if (row?.latest.version !== before.version) return undefined;
    row.latest = copyJob({ ...row.latest, status, version: before.version + 1 });
    return toHead(row);
  }

  async addConsent(job: JobId, site: SiteId, consent: SignedMessage): Promise<void> {
    keepFirst(this.#row(job).consents, site, consent);
  }

  async consents(job: JobId): Promise<ReadonlyMap<SiteId, SignedMessage>> {
    return copyMessages(this.#rows.get(job)?.consents);
  }

  async addWithdrawal(job: JobId, site: SiteId, withdrawal: SignedMessage): Promise<void> {
    keepFirst(this.#row(job).withdrawals, site, withdrawal);
  }

  async withdrawals(job: JobId): Promise<ReadonlyMap<SiteId, SignedMessage>> {
    return copyMessages(this.#rows.get(job)?.withdrawals);
  }

  async withdrawn(): Promise<ReadonlyMap<JobId, readonly SiteId[]>> {
    const all = [...this.#rows].map(
      ([job, { withdrawals }]) => [job, [...withdrawals.keys()].toSorted()] as const,
    );
    return new Map(all.filter(([, sites]) => sites.length > 0));
  }

  async saidBy(site: SiteId): Promise<SaidBySite> {
    const jobsIn = (kind: 'consents' | 'withdrawals') =>
      new Set([...this.#rows].filter(([, row]) => row[kind].has(site)).map(([job]) => job));
    return { consented: jobsIn('consents'), withdrawn: jobsIn('withdrawals') };
  }

  #row(job: JobId): Row {
    const row = this.#rows.get(job);
    if (!row) throw new Refusal('NOT_FOUND', `no job ${job}`);
    return row;
  }
}

/** A site says a thing once; the same again is a retry. */
function keepFirst(messages: Map<SiteId, SignedMessage>, site: SiteId, message: SignedMessage): void {
  const earlier = messages.get(site) ?? message;
  refuseUnless(
    isEqualBytes(earlier.payload, message.payload) && isEqualBytes(earlier.signature, message.signature),
    'CONFLICTING_SUBMISSION',
    `${site} has said something else in this place before`,
  );
  messages.set(site, copyMessage(earlier));
}

function copyMessages(messages: ReadonlyMap<SiteId, SignedMessage> = new Map()): Map<SiteId, SignedMessage> {
  return new Map([...messages].map(([site, message]) => [site, copyMessage(message)]));
}

function copyMessage({ payload, signature }: SignedMessage): SignedMessage {
  return { payload: payload.slice(), signature: signature.slice() };
}

/** A copy that nobody changes through what was handed in. Readers share it: documents are never written to. */
function copyJob(stored: StoredJob): StoredJob {
  const { manifest, roster, authorSignature, status } = stored;
  return Object.freeze({
    ...stored,
    status: structuredClone(status),
    manifest: manifest.slice(),
    roster: roster.slice(),
    authorSignature: authorSignature.slice(),
  });
}

function toHead({ latest: { job, version, status, submittedMs } }: Row): JobHead {
  return { job, version, status, submittedMs };
}
