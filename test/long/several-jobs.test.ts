// Real processes: four sites, two jobs, one place. One site comes late and takes part in both; the coordinator is killed in
// between; the first job is paused for the second one and then resumed. Both come to their end, and the log is clean.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProgressEvent } from '../../participant/src/session-progress.ts';
import { coordinatorCommand, parseEvent, siteCommand } from '../../scripts/demonstration/commands.ts';
import { CoordinatorStatus } from '../../scripts/demonstration/coordinator-status.ts';
import { findFreePorts } from '../../scripts/demonstration/free-ports.ts';
import { Processes, type Running } from '../../scripts/demonstration/processes.ts';
import { ALLOW_ALL } from '../fixtures/policies.ts';

const SITES = ['site-a', 'site-b', 'site-c', 'site-d'];
const LATE = 'site-d';
const ROOT = join(import.meta.dirname, '../..');
const TIMEOUT_MS = 240_000;

const JOB = {
  data: {
    features: [{ column: 'age', type: 'number', min: 0, max: 120 }],
    label: { column: 'outcome', positive: '1', negative: '0' },
  },
  model: { kind: 'mlp', hidden: [2], activation: 'relu' },
  training: { epochs: 1, batchSize: 8, optimizer: { kind: 'sgd', learningRate: 0.1 } },
  strategy: { maxExamples: 100, clipNorm: 1 },
  waits: {
    joinSeconds: 2,
    collectSeconds: 60,
    graceSeconds: 20,
    acknowledgeSeconds: 30,
    checksumSeconds: 30,
  },
};

interface Job {
  readonly job: string;
  readonly state: string;
}

const folder = await mkdtemp(join(tmpdir(), 'bs-jobs-'));
const processes = new Processes(join(folder, 'output'));
const events: (ProgressEvent & { site: string })[] = [];
const config = join(folder, 'coordinator.yaml');
after(async () => {
  await processes.stop();
  await rm(folder, { recursive: true, force: true });
});

const authorKey = join(folder, 'author.key');
const [grpc = 0, http = 0] = await findFreePorts(2);
const status = new CoordinatorStatus(`https://127.0.0.1:${http}`, join(folder, 'state'));

const operator = (...args: string[]) => processes.run(coordinatorCommand(...args, '--config', config));
const siteConfig = (site: string) => join(folder, site, 'site.yaml');

async function writeSite(site: string, members: Readonly<Record<string, string>>): Promise<void> {
  const values = {
    site,
    federation: 'test.example',
    stateDirectory: '.',
    data: { train: 'rows.csv' },
    training: { backend: 'cpu' },
    trust: { members },
    policy: 'policy.yaml',
  };
  await writeFile(join(folder, site, 'policy.yaml'), JSON.stringify(ALLOW_ALL));
  await writeFile(siteConfig(site), JSON.stringify(values));
}

async function makeSites(): Promise<void> {
  await processes.run(coordinatorCommand('author', 'keygen', '--name', 'Ada', '--out', authorKey));
  const members: Record<string, string> = {};
  for (const [index, site] of SITES.entries()) {
    await mkdir(join(folder, site));
    const rows = Array.from({ length: 24 }, (_, i) => `${20 + 3 * i + index},${i % 2}`);
    await writeFile(join(folder, site, 'rows.csv'), `age,outcome\n${rows.join('\n')}\n`);
    await writeSite(site, {});
    const out = join(folder, site, 'request.json');
    const printed = await processes.run(
      siteCommand(site, 'keygen', '--config', siteConfig(site), '--out', out),
    );
    members[site] = /[0-9a-f]{4}(?:-[0-9a-f]{4}){9}/.exec(printed)![0];
  }
  for (const site of SITES) await writeSite(site, members);
}

async function enrol(): Promise<void> {
  for (const site of SITES) {
    const [request, grant] = ['request.json', 'grant.json'].map((name) => join(folder, site, name));
    await operator('admit', request!, '--out', grant!);
    await processes.run(siteCommand(site, 'install', '--config', siteConfig(site), grant!));
  }
  await operator('roster', 'propose');
  for (const site of SITES)
    await processes.run(siteCommand(site, 'roster', 'approve', '--config', siteConfig(site)));
}

function startSite(site: string): void {
  const onLine = (line: string) => {
    const event = parseEvent(line);
    if (event) events.push({ ...event, site });
  };
  const run = siteCommand(site, 'run', '--config', siteConfig(site), '--progress', 'json');
  processes.launch({ ...run, onLine });
}

async function serve(): Promise<Running> {
  const running = processes.launch(coordinatorCommand('serve', '--config', config));
  await status.waitUntilReady(running.ended);
  return running;
}

async function job(name: string): Promise<Job> {
  return (await status.read(`/v1/jobs/${name}`)) as Job;
}

async function until(name: string, isReached: (one: Job) => boolean): Promise<void> {
  while (!isReached(await job(name))) await sleep(200);
}

async function submit(name: string, rounds: number): Promise<void> {
  const path = join(folder, `${name}.yaml`);
  await writeFile(path, JSON.stringify({ ...JOB, job: name, rounds }));
  await operator('submit', '--author-key', authorKey, path);
}

test(
  'two jobs share one place, a site that comes late takes part in both',
  { timeout: TIMEOUT_MS },
  async () => {
    const listen = { grpc: `127.0.0.1:${grpc}`, http: `127.0.0.1:${http}` };
    await writeFile(
      config,
      JSON.stringify({
        federation: 'test.example',
        stateDirectory: 'state',
        listen,
        limits: { maxRunningJobs: 1 },
      }),
    );
    await makeSites();
    const first = await serve();
    await enrol();
    await submit('one', 3);
    await submit('two', 1);
    for (const site of SITES.filter((name) => name !== LATE)) startSite(site);

    await until('one', ({ state }) => state === 'running');
    await operator('pause', 'one');
    first.kill();
    await first.ended;
    await serve();
    startSite(LATE);

    // The place of the paused job goes to the other one, in which the late site takes part from the start.
    await until('one', ({ state }) => state === 'paused');
    await until('two', ({ state }) => state === 'finished');
    assert.equal((await job('one')).state, 'paused');
    await operator('resume', 'one');
    await until('one', ({ state }) => state === 'finished');

    for (const name of ['one', 'two']) {
      while (events.filter((event) => event.event === 'finished' && event.job === name).length < SITES.length)
        await sleep(100);
      const finals = SITES.map((site) => readFile(join(folder, site, 'models', name, 'final.bin')));
      const [model, ...others] = await Promise.all(finals);
      for (const other of others) assert.deepEqual(other, model, name);
    }
    const late = events.filter(({ site }) => site === LATE);
    assert.ok(late.every(({ event }) => event !== 'refused' && event !== 'stopped'));
    assert.ok(late.some((event) => event.event === 'trained' && event.job === 'one'));
    await auditLog();
  },
);

/** The log is intact, and names the late site `no-consent` until its consent is in it. */
async function auditLog(): Promise<void> {
  const log = join(folder, 'state/log');
  const audit = join(ROOT, 'auditor/bin/blindsum-audit');
  await processes.run({ name: 'auditor', argv: [audit, 'fsck', log, '--vkey', join(log, 'log.vkey')] });
  const records = await Promise.all(
    (await readdir(join(log, 'records'))).map((name) => readFile(join(log, 'records', name), 'utf8')),
  );
  const statements = records.map(
    (text) =>
      JSON.parse(Buffer.from((JSON.parse(text) as { payload: string }).payload, 'base64').toString()) as {
        predicateType: string;
        predicate: { job?: string; round?: number; excluded?: { reason: string }[] };
      },
  );
  const of = (kind: string) =>
    statements
      .filter(({ predicateType }) => predicateType.endsWith(`/${kind}/v1`))
      .map((one) => one.predicate);
  assert.equal(of('consent').filter((consent) => consent.job === 'one').length, 1);
  const left = of('round').filter(({ job: name, excluded }) => name === 'one' && excluded?.length);
  assert.ok(left.length >= 1);
  assert.ok(left.every(({ excluded }) => excluded!.every(({ reason }) => reason === 'no-consent')));
  assert.equal(of('round').filter(({ job: name }) => name === 'one').length, 5);
  assert.equal(of('round').filter(({ job: name }) => name === 'two').length, 3);
}
