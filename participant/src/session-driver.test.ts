// Whole jobs over real encryption and journals, against a coordinator in memory that may be dishonest.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createInitialModel,
  memberFingerprint,
  parseGlobalModel,
  Refusal,
  summariseLogits,
  rosterHash,
  type Digest,
  type Manifest,
  type SiteId,
} from '@blindsum/proto';
import { createAcceptedRosters } from '../../test/fixtures/accepted-rosters.ts';
import { createBelievedLog } from '../../test/fixtures/believed-log.ts';
import { createTestFederation, createTestManifest } from '../../test/fixtures/federation.ts';
import { allowingAll } from '../../test/fixtures/policies.ts';
import { loadConfig } from './config.ts';
import { readSiteData } from './data/site-data.ts';
import { createEncryptor } from './encryption/encryptor.ts';
import { createSiteKeys, type SiteKeys } from './identity/site-keys.ts';
import { InMemoryCoordinator, type Mischief } from './in-memory-coordinator.fixture.ts';
import { openSqliteJournal } from './journal/sqlite-journal.ts';
import { openSession, type Site } from './open-session.ts';
import type { Session } from './session-context.ts';
import { SessionDriver, type SessionEnd } from './session-driver.ts';
import type { ProgressEvent } from './session-progress.ts';
import type { RoundSnapshot } from './session/round-snapshot.ts';
import type { Trainer, TrainerSetup } from './training/trainer.ts';

const NAMES = ['hospital-a', 'hospital-b', 'hospital-c'] as const;
const directory = await mkdtemp(join(tmpdir(), 'blindsum-session-'));
const encryptor = createEncryptor();
after(async () => {
  await encryptor.close();
  await rm(directory, { recursive: true });
});

const keys: SiteKeys[] = [];
for (const name of NAMES) keys.push(await createSiteKeys(join(directory, 'keys', name)));
const members = NAMES.map((name, i) => keys[i]!.member(name as SiteId));
const roster = { ...createTestFederation().roster, members };
const manifest = createTestManifest(roster, { rounds: 1 });

/** Adds 0.125 to every weight: whole levels of the first range, so that the mean is exact. */
function openTestTrainer({ holdout }: Omit<TrainerSetup, 'backend'>): Trainer {
  return {
    info: () => ({ backend: 'cpu', package: 'test', version: '0', tried: [] }),
    train: async ({ weights }) => {
      const local = weights.map((weight) => weight + 0.125);
      return { local, examples: 16, steps: 1, lossPerEpoch: [0.5], backend: 'cpu' };
    },
    evaluate: async (_, bins) => summariseLogits(new Float32Array(holdout.rows), holdout.y, bins),
    predict: async () => new Float32Array(holdout.rows),
    close: async () => undefined,
  };
}

interface TestSite {
  readonly site: Site;
  readonly events: ProgressEvent[];
  readonly folder: string;
}

async function openTestSite(
  place: string,
  index: number,
  federation: InMemoryCoordinator,
): Promise<TestSite> {
  const name = NAMES[index]!;
  const folder = join(directory, place, name);
  await mkdir(folder, { recursive: true });
  const rows = Array.from(
    { length: 20 },
    (_, i) => `${20 + 3 * i + index},${i / 10},${i % 3 ? 'north' : 'south'},${i % 2}`,
  );
  await writeFile(join(folder, 'rows.csv'), `age,dose,ward,outcome\n${rows.join('\n')}\n`);
  const trust = Object.fromEntries(members.map((member) => [member.site, memberFingerprint(member)]));
  const config = {
    site: name,
    federation: roster.federation,
    stateDirectory: '.',
    data: { train: 'rows.csv' },
    trust: { members: trust },
  };
  await writeFile(join(folder, 'site.yaml'), JSON.stringify(config));
  const events: ProgressEvent[] = [];
  const journal = openSqliteJournal(join(folder, 'journal.sqlite'));
  const { coordinator, transfers } = federation.connect(name as SiteId);
  const site: Site = {
    coordinator,
    rosters: createAcceptedRosters(roster),
    log: createBelievedLog(),
    transfers: {
      ...transfers,
      upload: (ref, kind, path) => {
        // Whatever is sent binds the site: the journal must know of it first.
        const bound = kind === 'opening' ? journal.opening(ref.job, ref.round) : journal.commitment(ref);
        assert.ok(bound, `${kind} is sent before it is in the journal`);
        return transfers.upload(ref, kind, path);
      },
    },
    config: await loadConfig(join(folder, 'site.yaml')),
    policy: allowingAll(),
    keys: keys[index]!,
    encryptor,
    journal,
    readData: readSiteData,
    openTrainer: async (setup) => openTestTrainer(setup),
    clock: { nowMs: () => Date.now(), sleep: () => sleep(1) },
    report: (event) => events.push(event),
  };
  return { site, events, folder };
}

const RULES = { giveUpAfterMs: 60_000, random: () => 0, signal: new AbortController().signal };

/** Runs the job at all sites at once; a refusal is a site's result, too. */
async function runFederation(place: string, mischief?: Mischief, job: Manifest = manifest) {
  const federation = new InMemoryCoordinator(job, roster, mischief);
  const sites = await Promise.all(NAMES.map((_, i) => openTestSite(place, i, federation)));
  const sessions = await Promise.all(sites.map(({ site }) => openSession(site, job.job)));
  const ends = Promise.all(sessions.map((session) => endOf(session)));
  return { federation, sites, ends };
}

async function endOf(session: Session): Promise<SessionEnd | Refusal> {
  try {
    return await new SessionDriver(session, RULES).run();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  } finally {
    session.journal.close();
  }
}

/** Fails the job once every site has refused, so that the sessions end. */
async function refusals({ federation, sites, ends }: Awaited<ReturnType<typeof runFederation>>) {
  const found = () => sites.map(({ events }) => events.find((event) => event.event === 'refused'));
  while (found().some((event) => event === undefined)) await sleep(10);
  federation.fail('the test is over');
  await ends;
  return found().map((event) => event?.code);
}

let questions = 0;
// Out of three questions two find nobody.
const honest = await runFederation('honest', {
  beforeWatch: () => {
    if (++questions % 3 !== 0) throw new Refusal('UNAVAILABLE', 'away');
  },
});
const honestEnds = await honest.ends;

test('three sites finish a job with one model, the mean of their updates', async () => {
  const hashes = honestEnds.map((end) => 'kind' in end && end.kind === 'finished' && end.modelHash);
  const last = honest.federation.published.at(-1);
  assert.deepEqual(hashes, [last, last, last]);
  assert.equal(honest.federation.published.length, 3);
  const finals = await Promise.all(
    honest.sites.map(({ folder }) => readFile(join(folder, 'models', 'test-job', 'final.bin'))),
  );
  assert.ok(finals.every((file) => file.equals(finals[0]!)));
  const before = createInitialModel(manifest).weights;
  const { weights, mean } = parseGlobalModel(finals[0]!, manifest);
  weights.forEach((weight, i) => assert.ok(Math.abs(weight - before[i]! - 0.125) < 1e-3, `weight ${i}`));
  assert.ok(mean.every((value) => value > 0 && value < 1));
  const applied = honest.sites[0]!.events.filter((event) => event.event === 'applied');
  assert.deepEqual(
    applied.map(({ contributors, metrics }) => [contributors, metrics['examples']]),
    [
      [3, 48],
      [3, 48],
      [3, undefined],
    ],
  );
});

test('a coordinator that is away now and then is waited for, and who waits says for which job', () => {
  for (const { events } of honest.sites) {
    const waits = events.filter(({ event }) => event === 'waiting');
    assert.ok(waits.length > 0);
    for (const wait of waits) assert.equal('job' in wait && wait.job, 'test-job');
  }
});

test('nothing of a round lies around after the job', async () => {
  for (const { folder } of honest.sites)
    assert.deepEqual(await readdir(join(folder, 'rounds', 'test-job')), []);
});

test('a sum without one site, or with one twice, is not opened', async () => {
  const [dropped, doubled] = [
    (all: readonly SiteId[]) => all.slice(1),
    (all: readonly SiteId[]) => [...all, all[0]!],
  ];
  for (const [i, summands] of [dropped, doubled].entries()) {
    const run = await runFederation(`sum-${i}`, { summands });
    assert.deepEqual(await refusals(run), ['BAD_CHECKSUM', 'BAD_CHECKSUM', 'BAD_CHECKSUM']);
    assert.ok(run.sites.every(({ events }) => events.every(({ event }) => event !== 'opened')));
  }
});

test('a site that is shown another model stops, and contributes nothing', async () => {
  const other = randomBytes(32).toString('hex') as Digest;
  const run = await runFederation('models', {
    baseModelHash: (site, hash) => (site === NAMES[1] ? other : hash),
  });
  while (!run.sites[0]!.events.some(({ event }) => event === 'uploaded')) await sleep(10);
  await sleep(50);
  run.federation.fail('the test is over');
  const end = (await run.ends)[1]!;
  assert.ok(end instanceof Refusal);
  assert.equal(end.code, 'MODEL_MISMATCH');
  assert.ok(run.sites[1]!.events.every(({ event }) => event !== 'uploaded'));
});

test('a coordinator that stays away is given up', async () => {
  const { site } = await openTestSite('patient', 0, new InMemoryCoordinator(manifest, roster));
  const coordinator = {
    ...site.coordinator,
    watch: () => Promise.reject(new Refusal('UNAVAILABLE', 'away')),
  };
  let nowMs = 0;
  const clock = { nowMs: () => nowMs, sleep: async (ms: number) => void (nowMs += ms) };
  const session = { ...(await openSession(site, manifest.job)), coordinator, clock };
  await assert.rejects(new SessionDriver(session, RULES).run(), { code: 'UNAVAILABLE' });
  assert.ok(nowMs > RULES.giveUpAfterMs && nowMs < 3 * RULES.giveUpAfterMs);
});

test('a site that refuses the last round of a finished job ends, for nothing will change any more', async () => {
  const { site } = await openTestSite('finished', 0, new InMemoryCoordinator(manifest, roster));
  const session = await openSession(site, manifest.job);
  const message = { payload: new Uint8Array(1), signature: new Uint8Array(64) };
  const opening = { attempt: 1, setRoot: 'ab'.repeat(32) as Digest, message, file: 'opening.bin' };
  session.journal.recordOpening(manifest.job, 0, opening);
  const ref = { job: manifest.job, round: 0, attempt: 2 };
  const hashes = { rosterHash: rosterHash(roster), baseModelHash: manifest.model.initialHash };
  const round = { ref, ...hashes, phase: 'published' } as RoundSnapshot;
  const watch = async () => ({ version: 9n, state: 'finished', round }) as const;
  const coordinator = { ...session.coordinator, watch };
  const driver = new SessionDriver({ ...session, coordinator }, RULES);
  await assert.rejects(driver.run(), { code: 'ALREADY_OPENED' });
});

test('a site that starts over in the middle of a round goes on with what it had', async () => {
  const stop = new AbortController();
  let isStopped = false;
  const federation = new InMemoryCoordinator(manifest, roster, {
    beforeWatch: (site) => {
      if (isStopped || site !== NAMES[2]) return;
      // After its contribution is encrypted and before it is sent.
      if (encryptions() > 0) {
        isStopped = true;
        stop.abort();
        throw new Refusal('UNAVAILABLE', 'the site is told to stop');
      }
    },
  });
  const sites = await Promise.all(NAMES.map((_, i) => openTestSite('restart', i, federation)));
  const encryptions = () => sites[2]!.events.filter(({ event }) => event === 'encrypted').length;
  const sessions = await Promise.all(sites.map(({ site }) => openSession(site, manifest.job)));
  const others = sessions.slice(0, 2).map((session) => endOf(session));
  const first = await new SessionDriver(sessions[2]!, { ...RULES, signal: stop.signal }).run();
  assert.equal(first.kind, 'interrupted');
  sessions[2]!.journal.close();
  const again = await openTestSite('restart', 2, federation);
  const session = await openSession(again.site, manifest.job);
  const ends = Promise.all([...others, endOf(session)]);
  while (federation.published.length === 0) await sleep(10);
  federation.fail('the test is over');
  await ends;
  const inFirstRound = again.events.filter((event) => 'round' in event && event.round === 0);
  assert.ok(inFirstRound.some(({ event }) => event === 'applied'));
  assert.ok(inFirstRound.every(({ event }) => event !== 'encrypted'));
});
