// Jobs that are measured look as if they had run: most have ended, some are paused, some collect the updates of all sites. Their
// rounds are as large as those of so many sites are; nobody has signed anything in them.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  domainDigest,
  parseChainedRoster,
  parseManifest,
  toHex,
  type Digest,
  type SiteId,
} from '@blindsum/proto';
import type { JobStatus, RoundId, StoredJob } from '../coordinator/src/ports.ts';
import { createRound, toRoundRules } from '../coordinator/src/round/create-round.ts';
import type { Collecting, Published, RoundRules } from '../coordinator/src/round/round.ts';
import { openSqliteDatabase } from '../coordinator/src/storage/database.ts';
import { createSqliteJobStore } from '../coordinator/src/storage/sqlite-job-store.ts';
import { createSqliteRoundStore } from '../coordinator/src/storage/sqlite-round-store.ts';

const RUNNING = 4;
const PAUSED = 4;
/** Of the sites, that are in the sums. */
const SHARE = 0.75;
const DAY_MS = 24 * 3_600_000;

/** All jobs of a coordinator that does not run, but for the first, which goes on waiting for its consents. */
export async function playJobs(stateDirectory: string): Promise<void> {
  const database = await openSqliteDatabase(join(stateDirectory, 'coordinator.sqlite'));
  const [jobs, rounds] = [createSqliteJobStore(database), createSqliteRoundStore(database)];
  const [, ...others] = await jobs.list();
  for (const [place, head] of others.entries()) {
    const stored = (await jobs.load(head.job))!;
    const id = { job: head.job, round: 0, attempt: 1 };
    const rules = rulesOf(stored, id);
    const status = statusAt(place, id);
    const round = status.state === 'running' ? collecting(rules) : published(rules);
    await rounds.create(id, { round, owed: [], startedMs: Date.now() });
    if (status.state === 'running')
      for (const site of rules.sites) await jobs.addConsent(head.job, site, randomMessage());
    await jobs.replace(head, status);
  }
  await database.destroy();
}

function statusAt(place: number, id: RoundId): JobStatus {
  if (place < RUNNING) return { state: 'running', current: id, lastRecord: '' };
  if (place < RUNNING + PAUSED) return { state: 'paused', after: { last: id, lastRecord: randomDigest() } };
  if (place % 5 === 0) return { state: 'cancelled', reason: 'measured', last: id };
  return { state: 'finished', last: id, modelHash: randomDigest() };
}

function rulesOf(stored: StoredJob, id: RoundId): RoundRules {
  const manifest = parseManifest(stored.manifest);
  const { roster, hash: rosterHash } = parseChainedRoster(stored.roster);
  const manifestHash = toHex(domainDigest('blindsum/v1/manifest', stored.manifest)) as Digest;
  const hashes = { baseModelHash: manifest.model.initialHash, manifestHash, rosterHash };
  const terms = { federation: manifest.federation, ...id, ...hashes };
  return toRoundRules({ manifest, roster, terms, consented: roster.members.map(({ site }) => site) });
}

/** For longer than anybody measures. */
function collecting(rules: RoundRules): Collecting {
  const contributions = bySite(contributorsOf(rules), (site) => ({ site, digest: randomDigest() }));
  return { ...createRound(rules, Date.now() + DAY_MS), contributions };
}

function published(rules: RoundRules): Published {
  const members = contributorsOf(rules);
  const late = rules.sites.slice(members.length);
  const [result, modelHash] = [randomDigest(), randomDigest()];
  return {
    phase: 'published',
    rules,
    phases: [{ phase: 'published', atMs: Date.now() }],
    set: {
      ...{ setAttempt: 1, root: randomDigest(), members },
      excluded: late.map((site) => ({ site, reason: 'late' })),
    },
    sum: { root: randomDigest(), checksums: ['0'.repeat(16), '0'.repeat(16)] },
    modelHash,
    attestations: bySite(rules.sites, () => ({ digest: randomDigest(), result, modelHash })),
  };
}

function contributorsOf({ sites }: RoundRules): readonly SiteId[] {
  return sites.slice(0, Math.ceil(sites.length * SHARE));
}

function bySite<T>(sites: readonly SiteId[], toValue: (site: SiteId) => T): Record<SiteId, T> {
  return Object.fromEntries(sites.map((site) => [site, toValue(site)]));
}

function randomMessage() {
  return { payload: new Uint8Array(randomBytes(200)), signature: new Uint8Array(randomBytes(64)) };
}

function randomDigest(): Digest {
  return randomBytes(32).toString('hex') as Digest;
}
