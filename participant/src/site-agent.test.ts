// Agents of three sites in two jobs at once, over real encryption and journals. At one site the first job trains for long.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  EXIT,
  memberFingerprint,
  Refusal,
  summariseLogits,
  toExitStatus,
  type JobId,
  type SiteId,
} from '@blindsum/proto';
import { createAcceptedRosters } from '../../test/fixtures/accepted-rosters.ts';
import { createBelievedLog } from '../../test/fixtures/believed-log.ts';
import { createTestFederation, createTestManifest } from '../../test/fixtures/federation.ts';
import { allowingAll } from '../../test/fixtures/policies.ts';
import { loadConfig } from './config.ts';
import { readSiteData } from './data/site-data.ts';
import { createEncryptorPair } from './encryption/encryptor-pair.ts';
import { createSiteKeys, type SiteKeys } from './identity/site-keys.ts';
import { InMemoryCoordinator } from './in-memory-coordinator.fixture.ts';
import { MemoryJournal } from './journal/memory-journal.ts';
import type { Site } from './open-session.ts';
import type { Coordinator, JobListing, Transfers } from './ports.ts';
import type { ProgressEvent } from './session-progress.ts';
import { runAllJobs } from './site-agent.ts';
import type { TrainRequest, Trainer, TrainerSetup } from './training/trainer.ts';
import { TrainingTurns } from './training/training-turns.ts';

const NAMES = ['hospital-a', 'hospital-b', 'hospital-c'] as const;
const SLOW = 'slow-job' as JobId;
const QUICK = 'quick-job' as JobId;
const directory = await mkdtemp(join(tmpdir(), 'blindsum-agent-'));
const encryptor = createEncryptorPair();
after(async () => {
  await encryptor.close();
  await rm(directory, { recursive: true });
});

const keys: SiteKeys[] = [];
for (const name of NAMES) keys.push(await createSiteKeys(join(directory, 'keys', name)));
const members = NAMES.map((name, i) => keys[i]!.member(name as SiteId));
const roster = { ...createTestFederation().roster, members };

/** The jobs differ in their models, by which a trainer knows which one it is for. */
function modelOf(job: JobId) {
  return { kind: 'mlp', hidden: [job === SLOW ? 4 : 5], activation: 'relu' };
}

/** Both jobs, as one coordinator. */
class TwoJobs {
  readonly jobs = new Map(
    [SLOW, QUICK].map((job) => [
      job,
      new InMemoryCoordinator(createTestManifest(roster, { job, rounds: 1, model: modelOf(job) }), roster),
    ]),
  );
  readonly listed: JobListing[] = [SLOW, QUICK].map((job) => ({ job, state: 'joining' }));

  of(job: JobId): InMemoryCoordinator {
    return this.jobs.get(job)!;
  }

  connect(site: SiteId): { coordinator: Coordinator; transfers: Transfers } {
    const ports = new Map([...this.jobs].map(([job, federation]) => [job, federation.connect(site)]));
    const at = (job: JobId) => ports.get(job)!;
    const coordinator: Coordinator = {
      listJobs: async () => this.listed,
      job: (job) => at(job).coordinator.job(job),
      watch: (job, ...rest) => at(job).coordinator.watch(job, ...rest),
      sendConsent: (job, consent) => at(job).coordinator.sendConsent(job, consent),
      sendWithdrawal: (job, withdrawal) => at(job).coordinator.sendWithdrawal(job, withdrawal),
      send: (type, ref, message) => at(ref.job).coordinator.send(type, ref, message),
      commit: (ref, message) => at(ref.job).coordinator.commit(ref, message),
      heartbeat: async () => ({ intervalMs: 60_000 }),
    };
    const transfers: Transfers = {
      ...at(QUICK).transfers,
      upload: (ref, ...rest) => at(ref.job).transfers.upload(ref, ...rest),
      download: (ref, ...rest) => at(ref.job).transfers.download(ref, ...rest),
      records: (ref, ...rest) => at(ref.job).transfers.records(ref, ...rest),
    };
    return { coordinator, transfers };
  }
}

/** A trainer whose trainings last as `wait` says. */
function testTrainer(
  { holdout }: Omit<TrainerSetup, 'backend'>,
  wait: (request: TrainRequest) => Promise<void>,
): Trainer {
  return {
    info: () => ({ backend: 'cpu', package: 'test', version: '0', tried: [] }),
    train: async (request) => {
      await wait(request);
      const local = request.weights.map((weight) => weight + 0.125);
      return { local, examples: 16, steps: 1, lossPerEpoch: [0.5], backend: 'cpu' };
    },
    evaluate: async (_, bins) => summariseLogits(new Float32Array(holdout.rows), holdout.y, bins),
    predict: async () => new Float32Array(holdout.rows),
    close: async () => undefined,
  };
}

async function openAgent(
  place: string,
  index: number,
  coordinator: TwoJobs,
  openTrainer: Site['openTrainer'],
) {
  const name = NAMES[index]!;
  const folder = join(directory, place, name);
  await mkdir(folder, { recursive: true });
  const rows = Array.from(
    { length: 20 },
    (_, i) => `${20 + 3 * i + index},${i / 10},${i % 3 ? 'north' : 'south'},${i % 2}`,
  );
  await writeFile(join(folder, 'rows.csv'), `age,dose,ward,outcome\n${rows.join('\n')}\n`);
  const config = {
    site: name,
    federation: roster.federation,
    stateDirectory: '.',
    data: { train: 'rows.csv' },
    trust: { members: Object.fromEntries(members.map((one) => [one.site, memberFingerprint(one)])) },
  };
  await writeFile(join(folder, 'site.yaml'), JSON.stringify(config));
  const events: ProgressEvent[] = [];
  const site: Site = {
    ...coordinator.connect(name as SiteId),
    rosters: createAcceptedRosters(roster),
    log: createBelievedLog(),
    config: await loadConfig(join(folder, 'site.yaml')),
    policy: allowingAll(),
    keys: keys[index]!,
    encryptor,
    journal: new MemoryJournal(),
    readData: readSiteData,
    openTrainer,
    clock: { nowMs: () => Date.now(), sleep: () => sleep(1) },
    report: (event) => events.push(event),
  };
  return { site, events };
}

interface Training {
  readonly job: JobId;
  /** Of the site. */
  readonly index: number;
  readonly request: TrainRequest;
}

/** Three agents, whose trainings last as `wait` says. */
async function runAgents(place: string, wait: (training: Training) => Promise<void>) {
  const coordinator = new TwoJobs();
  const stop = new AbortController();
  const ended: string[] = [];
  const agents = await Promise.all(
    NAMES.map(async (_, index) => {
      const turns = new TrainingTurns();
      const openTrainer: Site['openTrainer'] = async (setup) => {
        const job = setup.layout.tensors.some(({ size }) => size === 5) ? QUICK : SLOW;
        return turns.wrap(testTrainer(setup, (request) => wait({ job, index, request })));
      };
      return openAgent(place, index, coordinator, openTrainer);
    }),
  );
  const running = agents.map(({ site }) =>
    runAllJobs(site, {
      giveUpAfterMs: 60_000,
      random: () => 0,
      signal: stop.signal,
      onJobEnd: (job, end) => ended.push(`${site.config.site} ${job} ${'kind' in end ? end.kind : end.code}`),
    }),
  );
  return { coordinator, stop, ended, running, agents };
}

const reached = async (isReached: () => boolean) => {
  while (!isReached()) await sleep(5);
};

test('a site takes part in two jobs at once, and trains for one after the other', async () => {
  const training = [0, 0, 0];
  let most = 0;
  const { coordinator, stop, ended, running } = await runAgents('both', async ({ index }) => {
    most = Math.max(most, ++training[index]!);
    await sleep(20);
    training[index]!--;
  });
  await reached(() => ended.length === 6);
  stop.abort();
  await Promise.all(running);
  assert.ok(ended.every((line) => line.endsWith(' finished')));
  for (const job of [SLOW, QUICK]) assert.equal(coordinator.of(job).published.length, 3);
  assert.equal(most, 1);
});

test('a long training for one job keeps no other from being opened, and ends when its round does', async () => {
  let aborted: unknown;
  const { coordinator, stop, ended, running } = await runAgents('slow', async ({ job, index, request }) => {
    if (job !== SLOW || index !== 0) return;
    const { promise, reject } = Promise.withResolvers<never>();
    request.signal!.addEventListener('abort', () => reject((aborted = request.signal!.reason) as Error));
    await promise;
  });
  const [slow, quick] = [coordinator.of(SLOW), coordinator.of(QUICK)];
  // The other sites are through with round 1 of the slow job, and this one trains on.
  await reached(() => slow.published.length === 1 && quick.published.length >= 1);
  assert.equal(aborted, undefined);
  slow.fail('cancelled: the test says so');
  await reached(() => ended.length === 6);
  stop.abort();
  await Promise.all(running);
  assert.match(String(aborted), /TooLate/);
  assert.equal(quick.published.length, 3);
  assert.deepEqual(
    ended.toSorted(),
    NAMES.flatMap((site) => [`${site} ${QUICK} finished`, `${site} ${SLOW} stopped`]),
  );
});

test('an error of one job ends the agent, and is not lost', async () => {
  const { stop, running } = await runAgents('broken', async ({ index }) => {
    if (index === 0) throw new Error('the disk is gone');
  });
  await assert.rejects(running[0]!, /the disk is gone/);
  stop.abort();
  await Promise.allSettled(running.slice(1));
});

test('a coordinator that answers with a code of its choice ends the agent with that code, whatever the log says', async () => {
  const unused: Site['openTrainer'] = () => assert.fail('nothing is trained');
  const { site } = await openAgent('switched-off', 0, new TwoJobs(), unused);
  const listJobs = () => Promise.reject(new Refusal('LOG_FORKED', 'the coordinator refuses listJobs'));
  const agent = runAllJobs(
    { ...site, coordinator: { ...site.coordinator, listJobs } },
    {
      ...{ giveUpAfterMs: 60_000, random: () => 0, signal: new AbortController().signal },
      onJobEnd: () => assert.fail('no job ends'),
    },
  );
  await assert.rejects(agent, { code: 'LOG_FORKED' });
  // Which is no evidence, and so no reason for its supervisor not to start it again (deploy/systemd).
  assert.equal(toExitStatus('LOG_FORKED'), EXIT.evidence);
});
