// What every JobStore promises (ports.ts). Each implementation runs exactly this.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  Refusal,
  type Digest,
  type JobId,
  type RefusalCode,
  type SignedMessage,
  type SiteId,
} from '@blindsum/proto';
import type { JobHead, JobStatus, JobStore, StoredJob } from '../ports.ts';

/** Runs the suite; `open` gives an empty store each time. */
export function describeJobStore(name: string, open: () => Promise<JobStore>): void {
  describeJobs(name, open);
  describeOpenJobs(name, open);
  describeStatus(name, open);
  describeMessages(name, open);
  describeSaid(name, open);
}

function describeJobs(name: string, open: () => Promise<JobStore>): void {
  void test(`${name}: an unknown job is absent`, async () => {
    const store = await open();
    assert.equal(await store.load(JOB.job), undefined);
    assert.equal(await store.head(JOB.job), undefined);
    assert.deepEqual(await store.list(), []);
    assert.equal((await store.consents(JOB.job)).size, 0);
  });

  void test(`${name}: what is created is loaded, byte for byte`, async () => {
    const store = await open();
    assert.deepEqual(await store.create(JOB), { ...JOB, version: 1 });
    assert.deepEqual(await store.load(JOB.job), { ...JOB, version: 1 });
  });

  void test(`${name}: the same job again returns what is there`, async () => {
    const store = await open();
    const running = await store.replace(await store.create(JOB), RUNNING);
    assert.deepEqual(await store.create({ ...JOB, submittedMs: 99 }), { ...JOB, ...running });
  });

  void test(`${name}: another manifest or roster under the same name is refused`, async () => {
    const store = await open();
    await store.create(JOB);
    await refuses('CONFLICTING_SUBMISSION', () => store.create({ ...JOB, manifest: Uint8Array.of(9) }));
    await refuses('CONFLICTING_SUBMISSION', () => store.create({ ...JOB, roster: Uint8Array.of(9) }));
    assert.deepEqual(await store.load(JOB.job), { ...JOB, version: 1 });
  });

  void test(`${name}: all jobs are listed without their documents, oldest first, also those that have ended`, async () => {
    const store = await open();
    await store.create({ ...JOB, submittedMs: JOB.submittedMs + 1 });
    const first = await store.create({ ...JOB, job: 'job-2' as JobId });
    const ended = { state: 'cancelled', reason: 'over' } as const;
    await store.replace(first, ended);
    const expected = [
      { ...HEAD, job: 'job-2', version: 2, status: ended },
      { ...HEAD, version: 1, submittedMs: JOB.submittedMs + 1 },
    ];
    assert.deepEqual(await store.list(), expected);
    assert.deepEqual(await Promise.all(expected.map(({ job }) => store.head(job as JobId))), expected);
  });
}

function describeOpenJobs(name: string, open: () => Promise<JobStore>): void {
  void test(`${name}: jobs that have not ended are found without their documents, oldest first`, async () => {
    const store = await open();
    await store.create({ ...JOB, job: 'young' as JobId, submittedMs: JOB.submittedMs + 1 });
    await store.create({ ...JOB, job: 'b' as JobId });
    await store.create({ ...JOB, job: 'a' as JobId });
    assert.deepEqual(
      await store.open(),
      ['a', 'b', 'young'].map((job, i) => ({
        ...HEAD,
        job,
        submittedMs: JOB.submittedMs + (i >> 1),
        version: 1,
      })),
    );
  });

  void test(`${name}: a job is open in every state but the last ones`, async () => {
    const store = await open();
    for (const status of [JOB.status, ...STATUSES]) {
      const job = `${status.state}-${JSON.stringify(status).length}` as JobId;
      const next = await store.replace(await store.create({ ...JOB, job }), status);
      const isOpen = (await store.open()).some((head) => head.job === job && head.version === next?.version);
      assert.equal(isOpen, !['finished', 'failed', 'cancelled'].includes(status.state), status.state);
    }
  });
}

function describeStatus(name: string, open: () => Promise<JobStore>): void {
  void test(`${name}: every status is kept as it is`, async () => {
    const store = await open();
    let latest: JobHead = await store.create(JOB);
    for (const status of STATUSES) {
      const next = await store.replace(latest, status);
      assert.deepEqual(next, { ...HEAD, status, version: latest.version + 1 });
      assert.deepEqual(await store.load(JOB.job), { ...JOB, ...next });
      latest = next;
    }
  });

  void test(`${name}: a status over anything but the latest version writes nothing`, async () => {
    const store = await open();
    const first = await store.create(JOB);
    const second = await store.replace(first, RUNNING);
    assert.equal(await store.replace(first, { state: 'failed', last: ROUND, reason: 'late' }), undefined);
    assert.deepEqual(await store.load(JOB.job), { ...JOB, ...second });
  });

  void test(`${name}: of statuses that race one wins`, async () => {
    const store = await open();
    const first = await store.create(JOB);
    const results = await Promise.all(STATUSES.map((status) => store.replace(first, status)));
    assert.equal(results.filter((result) => result !== undefined).length, 1);
    assert.equal((await store.load(JOB.job))?.version, 2);
  });
}

/** What a site says once about a job: its consent, and its withdrawal. */
const SAID_ONCE = {
  consent: {
    add: (store: JobStore, message: SignedMessage) => store.addConsent(JOB.job, SITE, message),
    list: (store: JobStore, job: JobId) => store.consents(job),
  },
  withdrawal: {
    add: (store: JobStore, message: SignedMessage) => store.addWithdrawal(JOB.job, SITE, message),
    list: (store: JobStore, job: JobId) => store.withdrawals(job),
  },
};

function describeMessages(name: string, open: () => Promise<JobStore>): void {
  for (const [what, { add, list }] of Object.entries(SAID_ONCE)) {
    void test(`${name}: a ${what} is kept byte for byte, and the same again is a retry`, async () => {
      const store = await open();
      await store.create(JOB);
      await add(store, messageOf(1));
      await add(store, messageOf(1));
      assert.deepEqual([...(await list(store, JOB.job))], [[SITE, messageOf(1)]]);
    });

    void test(`${name}: another ${what} of the same site is refused`, async () => {
      const store = await open();
      await store.create(JOB);
      await add(store, messageOf(1));
      await refuses('CONFLICTING_SUBMISSION', () => add(store, messageOf(2)));
      assert.deepEqual([...(await list(store, JOB.job))], [[SITE, messageOf(1)]]);
    });

    void test(`${name}: a ${what} about an unknown job is refused`, async () => {
      const store = await open();
      await refuses('NOT_FOUND', () => add(store, messageOf(1)));
    });

    void test(`${name}: a ${what} is about one job, and nothing else`, async () => {
      const store = await open();
      await store.create(JOB);
      await store.create({ ...JOB, job: 'job-2' as JobId });
      await add(store, messageOf(1));
      assert.equal((await list(store, 'job-2' as JobId)).size, 0);
      const lists = await Promise.all(Object.values(SAID_ONCE).map((other) => other.list(store, JOB.job)));
      assert.deepEqual(lists.map(({ size }) => size).sort(), [0, 1]);
    });
  }
}

function describeSaid(name: string, open: () => Promise<JobStore>): void {
  void test(`${name}: who said what is found for all jobs at once`, async () => {
    const store = await open();
    const [other, silent] = ['job-2', 'job-3'] as JobId[];
    for (const job of [JOB.job, other!, silent!]) await store.create({ ...JOB, job });
    await store.addConsent(JOB.job, SITE, messageOf(1));
    await store.addConsent(other!, 'site-b' as SiteId, messageOf(2));
    await store.addWithdrawal(other!, 'site-b' as SiteId, messageOf(3));
    await store.addWithdrawal(other!, SITE, messageOf(4));
    assert.deepEqual([...(await store.withdrawn())], [[other, [SITE, 'site-b']]]);
    const { consented, withdrawn } = await store.saidBy(SITE);
    assert.deepEqual([[...consented], [...withdrawn]], [[JOB.job], [other]]);
    const nobody = await store.saidBy('site-c' as SiteId);
    assert.deepEqual([nobody.consented.size, nobody.withdrawn.size], [0, 0]);
  });
}

const SITE = 'site-a' as SiteId;
const DIGEST = 'ab'.repeat(32) as Digest;
const JOB: Omit<StoredJob, 'version'> = {
  job: 'job-1' as JobId,
  status: { state: 'joining' },
  manifest: Uint8Array.of(1, 0, 255),
  authorSignature: Uint8Array.of(3, 0, 255),
  roster: Uint8Array.of(2),
  submittedMs: 1_700_000_000_000,
};
const { manifest: _manifest, authorSignature: _signature, roster: _roster, ...HEAD } = JOB;
const ROUND = { job: JOB.job, round: 3, attempt: 2 };
const RUNNING: JobStatus = { state: 'running', current: ROUND, lastRecord: '' };
const AFTER = { last: ROUND, lastRecord: DIGEST };
const STATUSES: readonly JobStatus[] = [
  { state: 'queued', readyMs: 1_700_000_000_001 },
  { state: 'starting', consented: [SITE, 'site-b' as SiteId], rosterHash: DIGEST },
  RUNNING,
  { state: 'pausing', current: ROUND, lastRecord: DIGEST },
  { state: 'paused', after: AFTER },
  { state: 'queued', readyMs: 1_700_000_000_002, after: AFTER },
  { state: 'resuming', after: AFTER },
  { state: 'cancelling', current: ROUND, lastRecord: '', reason: 'the data has moved' },
  { state: 'paused' },
  { state: 'finished', last: ROUND, modelHash: DIGEST },
  { state: 'failed', last: ROUND, reason: 'too few' },
  { state: 'cancelled', reason: 'not needed', last: ROUND },
  { state: 'cancelled', reason: 'not needed' },
];

function messageOf(n: number) {
  return { payload: Uint8Array.of(n, 0, 255), signature: new Uint8Array(64).fill(n) };
}

async function refuses(code: RefusalCode, act: () => Promise<unknown>): Promise<void> {
  await assert.rejects(act, (error) => error instanceof Refusal && error.code === code);
}
