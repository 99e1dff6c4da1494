// What JobService takes from sites: consents and withdrawals, each for the job, in the name and under the key of who sends it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  consentCodec,
  manifestHash,
  parseChainedRoster,
  rosterHash,
  signMessage,
  withdrawalCodec,
  type Consent,
  type Digest,
  type JobId,
  type SiteId,
  type Withdrawal,
} from '@blindsum/proto';
import { createAdoptedRosters, adoptRoster } from '../../../test/fixtures/adopted-rosters.ts';
import {
  createTestFederation,
  createTestManifest,
  documentsOf,
  type TestSite,
} from '../../../test/fixtures/federation.ts';
import { createJobReader } from '../job-document.ts';
import { JobRosters } from '../job-rosters.ts';
import { RosterDriver } from '../roster-driver.ts';
import { createRosterReader } from '../roster-reader.ts';
import { createRound, toRoundRules } from '../round/create-round.ts';
import { MemoryJobStore } from '../storage/memory-job-store.ts';
import { MemoryRoundStore } from '../storage/memory-round-store.ts';
import { createJobService } from './job-service.ts';

const OTHER = 'f'.repeat(64) as Digest;
const { roster, sites } = createTestFederation(['a', 'b', 'c', 'd']);
const [a, b] = sites as [TestSite, TestSite];

async function open(changes: Record<string, unknown> = {}) {
  const manifest = createTestManifest(roster, changes);
  const signOf = (site: SiteId) => sites.find((one) => one.site === site)!.sign;
  const rosters = createAdoptedRosters([roster], signOf);
  const later = { ...roster, version: 2, previous: rosterHash(roster), members: roster.members.slice(0, 3) };
  adoptRoster(rosters, later, signOf);
  const jobs = new MemoryJobStore();
  const job = { job: manifest.job, status: { state: 'joining' } as const, submittedMs: 0 };
  await jobs.create({ ...job, ...documentsOf(manifest, roster) });
  const rosterReader = createRosterReader(rosters);
  const reader = createJobReader(jobs, rosterReader);
  const log = { append: async () => ({ index: 0 }) };
  const archiveNames = { write: () => Promise.resolve() };
  const driver = {
    consent: async (...[id, site, message]: Parameters<MemoryJobStore['addConsent']>) => {
      await jobs.addConsent(id, site, message);
      return (await jobs.load(id))!;
    },
    withdraw: async (...[id, site, message]: Parameters<MemoryJobStore['addWithdrawal']>) => {
      await jobs.addWithdrawal(id, site, message);
      return (await jobs.load(id))!;
    },
  };
  const jobRosters = new JobRosters(
    { reader },
    new RosterDriver({ rosters, rosterReader, log, archiveNames }),
  );
  const rounds = new MemoryRoundStore();
  const begin = async () => {
    const id = { job: manifest.job, round: 0, attempt: 1 };
    const baseModelHash = manifest.model.initialHash;
    const terms = { ...id, federation: manifest.federation, baseModelHash };
    const hashes = { manifestHash: manifestHash(manifest), rosterHash: rosterHash(roster) };
    const consented = roster.members.map(({ site }) => site);
    const rules = toRoundRules({ manifest, roster, terms: { ...terms, ...hashes }, consented });
    await rounds.create(id, { round: createRound(rules, 0), owed: [], startedMs: 0 });
    const status = { state: 'running', current: id, lastRecord: '' } as const;
    await jobs.replace((await jobs.load(manifest.job))!, status);
  };
  const service = createJobService({ reader, jobs, driver, rosters: jobRosters, rounds });
  const terms = { federation: manifest.federation, job: manifest.job, manifestHash: manifestHash(manifest) };
  const caller = (site: TestSite) => ({ site: site.site, signal: new AbortController().signal }) as never;
  return {
    jobs,
    later: rosterHash(later),
    begin,
    read: async (site: TestSite) => {
      const { roster: shown } = await service.getJob(caller(site), { job: manifest.job } as never);
      return parseChainedRoster(shown as Uint8Array<ArrayBuffer>).hash;
    },
    consent: (site: TestSite, laid: Partial<Consent> = {}, by = site) => {
      const value = { ...terms, site: site.site, rosterHash: rosterHash(roster), ...laid };
      const consent = signMessage(consentCodec, value, by.sign, roster);
      return service.consent(caller(site), { job: manifest.job, consent } as never);
    },
    withdraw: (site: TestSite, laid: Partial<Withdrawal> = {}, by = site) => {
      const value = { ...terms, site: site.site, fromRound: 0, ...laid };
      const withdrawal = signMessage(withdrawalCodec, value, by.sign, roster);
      return service.withdraw(caller(site), { job: manifest.job, withdrawal } as never);
    },
  };
}

const FOREIGN: Readonly<Record<string, readonly [Partial<Consent & Withdrawal>, string]>> = {
  'of another site': [{ site: b.site }, 'UNAUTHENTICATED'],
  'from another federation': [{ federation: 'other.example' }, 'WRONG_CONTEXT'],
  'about another job': [{ job: 'other' as JobId }, 'WRONG_CONTEXT'],
  'about another manifest': [{ manifestHash: OTHER }, 'WRONG_CONTEXT'],
};

for (const [what, [laid, code]] of Object.entries(FOREIGN))
  test(`a consent and a withdrawal ${what} are refused, and nothing is kept`, async () => {
    const { consent, withdraw, jobs } = await open();
    // Signed by whom it names, so that it is what it says that is refused.
    const by = laid.site === undefined ? a : b;
    await assert.rejects(consent(a, laid, by), { code });
    await consent(a);
    await assert.rejects(withdraw(a, laid, by), { code });
    const { job } = (await jobs.list())[0]!;
    assert.equal((await jobs.withdrawals(job)).size, 0);
    await withdraw(a);
    assert.deepEqual([...(await jobs.withdrawals(job)).keys()], [a.site]);
  });

test('a consent and a withdrawal under somebody else’s key are refused', async () => {
  const { consent, withdraw } = await open();
  await assert.rejects(consent(a, {}, b), { code: 'BAD_SIGNATURE' });
  await consent(a);
  await assert.rejects(withdraw(a, {}, b), { code: 'BAD_SIGNATURE' });
});

test('a withdrawal from a later round than the next is refused: it would say that its site contributes until then', async () => {
  const { consent, withdraw } = await open();
  await consent(a);
  await assert.rejects(withdraw(a, { fromRound: 1 }), { code: 'WRONG_CONTEXT' });
  await withdraw(a, { fromRound: 0 });
});

test('a consent is under an adopted roster of its site, and under the first one only for a job that keeps it', async () => {
  const { consent, later } = await open();
  await assert.rejects(consent(a, { rosterHash: OTHER }), { code: 'WRONG_CONTEXT' });
  await assert.rejects(consent(sites[3]!, { rosterHash: later }), { code: 'NOT_A_MEMBER' });
  await consent(a, { rosterHash: later });
  const fixed = await open({ roster: 'fixed' });
  await assert.rejects(fixed.consent(a, { rosterHash: fixed.later }), { code: 'WRONG_CONTEXT' });
});

test('a member that a later roster leaves out reads its job under the roster of the round that goes on, and nothing before', async () => {
  const { begin, read, later } = await open();
  const leaving = sites[3]!;
  await assert.rejects(read(leaving), { code: 'NOT_A_MEMBER' });
  await begin();
  assert.equal(await read(leaving), rosterHash(roster));
  assert.equal(await read(a), later);
});
