// Real processes: a hospital is killed with -9 and misses whole rounds, catches up from what another one sealed, and
// contributes again; another is away when the job ends, and still gets its result.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { coordinatorCommand } from '../../scripts/demonstration/commands.ts';
import {
  layoutOf,
  writeCoordinator,
  writeJob,
  writeRows,
} from '../../scripts/demonstration/configuration.ts';
import { CoordinatorStatus } from '../../scripts/demonstration/coordinator-status.ts';
import { DATASETS } from '../../scripts/demonstration/datasets.ts';
import {
  adoptRoster,
  enrolSites,
  makeAuthor,
  makeKeys,
  submitJob,
} from '../../scripts/demonstration/enrolment.ts';
import { findFreePorts } from '../../scripts/demonstration/free-ports.ts';
import { Processes } from '../../scripts/demonstration/processes.ts';
import { Hospital, inRound } from '../fixtures/hospital.ts';
import { editYaml } from '../fixtures/real-federation.ts';

const dataset = DATASETS.breast_cancer;
const [A, B, C] = ['hospital-a', 'hospital-b', 'hospital-c'] as const;
const ROUNDS = 6;
const LAST = ROUNDS + 1;
const TIMEOUT_MS = 600_000;

const layout = layoutOf(await mkdtemp(join(tmpdir(), 'blindsum-catching-up-')));
const processes = new Processes(layout.output);
after(async () => {
  await processes.stop();
  await rm(layout.root, { recursive: true, force: true });
});

/** Two of three hospitals may go on alone, and wait some seconds for the third. */
async function configure(): Promise<{ config: string; status: CoordinatorStatus }> {
  const job = await writeJob(layout, dataset, ROUNDS);
  await editYaml(layout.jobFile, {
    contributors: { minimum: 2, allowTwoSites: true },
    waits: { ...job.waits, graceSeconds: 4 },
  });
  await writeRows(layout, dataset, job);
  const setup = { layout, dataset, processes };
  const requests = await makeKeys(setup, await makeAuthor(setup));
  for (const { config } of requests)
    await editYaml(join(dirname(config), 'policy.yaml'), { minContributors: 2, allowTwoSites: true });
  const [grpc = 0, http = 0] = await findFreePorts(2);
  const config = await writeCoordinator(layout, dataset, { grpc, http });
  const running = processes.launch(coordinatorCommand('serve', '--config', config));
  const status = new CoordinatorStatus(`https://127.0.0.1:${http}`, layout.coordinator);
  await status.waitUntilReady(running.ended);
  await enrolSites({ layout, dataset, processes }, config, requests);
  await adoptRoster({ layout, dataset, processes }, config, requests);
  return { config, status };
}

suite('a job whose sites come and go', { timeout: TIMEOUT_MS }, () => {
  const place = { layout, processes, job: 'breast-cancer' };
  const [a, b, c] = [new Hospital(A, place), new Hospital(B, place), new Hospital(C, place)] as const;
  let status: CoordinatorStatus;
  let config: string;
  const control = (command: 'pause' | 'resume') =>
    processes.run(coordinatorCommand(command, '--config', config, 'breast-cancer'));
  const jobState = () => status.jobState('breast-cancer');

  before(async () => {
    ({ config, status } = await configure());
    for (const hospital of [a, b, c]) hospital.start();
    await submitJob({ layout, dataset, processes }, config);
  });

  test('a hospital that was killed and missed two rounds catches up and contributes again', async () => {
    await c.until('applied', inRound(1));
    await c.kill();
    await a.until('applied', inRound(3));
    // However slow this machine is, the job does not end before the hospital is back.
    await control('pause');
    while ((await jobState()) !== 'paused') await sleep(100);
    c.start();
    const { round, modelHash } = await c.until('caught-up');
    assert.ok(round >= 3, `caught up with round ${round}`);
    const { modelHash: computed } = await a.until('applied', inRound(round));
    assert.equal(modelHash, computed);
    await control('resume');
    await c.until('committed', (event) => event.round > round);
  });

  test('one that is away when the job ends gets its result from those that were there', async () => {
    await b.kill();
    await Promise.all([a.finish(), c.finish()]);
    b.start();
    await b.finish();
    const { round, sealer } = await b.until('caught-up');
    assert.equal(round, LAST);
    assert.ok([A, C].some((site) => site === sealer));
  });

  test('all hold the same model, bit by bit', async () => {
    const [first, ...others] = await Promise.all([a, b, c].map((one) => one.finalModel()));
    for (const other of others) assert.deepEqual(other, first);
  });

  test('every round was published once, and who was away is named', async () => {
    const published = (await status.rounds('breast-cancer', new Map())).filter(
      ({ state }) => state === 'published',
    );
    assert.deepEqual(
      published.map(({ round }) => round),
      Array.from({ length: LAST + 1 }, (_, round) => round),
    );
    const without = (site: string) =>
      published.filter(({ contributors }) => !contributors.includes(site)).map(({ round }) => round);
    assert.ok(
      [2, 3].every((round) => without(C).includes(round)),
      `without ${C}: ${without(C).join()}`,
    );
    assert.ok(without(B).includes(LAST), `without ${B}: ${without(B).join()}`);
    for (const { contributors, leftOut } of published) assert.equal(contributors.length + leftOut.length, 3);
  });

  test('nobody sealed a model that all had computed', () => {
    const sealed = [a, b, c].flatMap((hospital) => hospital.all('checkpoint-sealed'));
    assert.ok(sealed.length > 0);
    assert.ok(sealed.every(({ round }) => round > 0));
  });
});
