// A coordinator and a stand-alone witness as an operator and an auditor run them: real processes' HTTP, real files, and what becomes of
// a backup that was restored too late.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkSignature } from '@blindsum/proto/node';
import { claimCosignedCheckpoint, parseTlogPolicy } from '@blindsum/proto/tlog';
import { answerOf } from '@blindsum/admin-client';
import { openFolderLogReader } from '../auditor/src/folder-log-reader.ts';
import { fsck } from '../auditor/src/fsck.ts';
import type { LogReader } from '../auditor/src/log-reader.ts';
import { loadConfig, type Config } from '../coordinator/src/config.ts';
import {
  createSiteRequest,
  startTestCoordinator,
  type TestCoordinator,
} from '../coordinator/src/federation.fixture.ts';
import { LATER_CHECKPOINT } from '../coordinator/src/witnessing/later-checkpoint.ts';
import { openPlace } from './fixtures/backed-up-coordinator.ts';

const NODE = [process.execPath, '--disable-warning=ExperimentalWarning'] as const;
const AUDITOR = join(import.meta.dirname, '../auditor/src/main.ts');
const PATIENCE_MS = 120_000;

const root = await mkdtemp(join(tmpdir(), 'bs-w-'));
const started: ChildProcess[] = [];
const coordinators: TestCoordinator[] = [];
after(async () => {
  for (const { running } of coordinators) await running.stop();
  for (const child of started) child.kill('SIGKILL');
  await rm(root, { recursive: true });
});

/** Starts the auditor's witness of the log of a key file. */
async function startWitness(state: string, keyFile: string, listen = '127.0.0.1:0') {
  const about = ['--name', 'witness.example/w1', '--log', keyFile, '--listen', listen];
  const child = spawn(NODE[0], [NODE[1], AUDITOR, 'witness', '--state', join(root, state), ...about]);
  started.push(child);
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (line.startsWith('listening on ')) break;
  }
  const url = lines.at(-1)!.slice('listening on '.length);
  const vkey = lines.find((line) => line.includes('+'))!.match(/\S+\+[0-9a-f]{8}\+\S+/)![0];
  return { child, url, vkey };
}

interface LogStatus {
  readonly size: number;
  readonly cosignedSize: number;
  readonly stopped: string | null;
}

async function logOf({ admin }: TestCoordinator): Promise<LogStatus> {
  return (await answerOf(admin.GET('/v1/status'))).log;
}

async function until(coordinator: TestCoordinator, isSo: (log: LogStatus) => boolean): Promise<LogStatus> {
  for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += 200, await sleep(200)) {
    const log = await logOf(coordinator);
    if (isSo(log)) return log;
  }
  throw new Error(`the log is not there: ${JSON.stringify(await logOf(coordinator))}`);
}

/** Admits a site, which the log is told. */
async function grow(coordinator: TestCoordinator, site: string): Promise<LogStatus> {
  const { size } = await logOf(coordinator);
  await coordinator.admin.POST('/v1/sites', { body: (await createSiteRequest(site)).request });
  return until(coordinator, (log) => log.size > size);
}

async function start(config: Config): Promise<TestCoordinator> {
  const coordinator = await startTestCoordinator({}, config);
  coordinators.push(coordinator);
  return coordinator;
}

const witnessed = ({ url, vkey }: { url: string; vkey: string }) =>
  `witnesses: { standAlone: [{ name: w1, url: "${url}", vkey: "${vkey}" }], quorum: { standAlone: 1 } }`;

test('a witness cosigns what is logged, and a backup that it has outlived is not served', async () => {
  const place = await openPlace(root, 'place');
  const first = await place.start();
  await first.running.stop();
  const keyFile = join(place.config.log.directory, 'log.vkey');
  const witness = await startWitness('witness', keyFile);
  await writeFile(place.file, `${await readFile(place.file, 'utf8')}\n${witnessed(witness)}\n`);
  const config = await loadConfig(place.file);
  const backup = join(root, 'backup');
  await cp(config.stateDirectory, backup, { recursive: true });

  const coordinator = await start(config);
  const { size } = await grow(coordinator, 'site-a');
  await until(coordinator, ({ cosignedSize }) => cosignedSize === size);
  const read = async (path: string) => new Uint8Array(await (await coordinator.get(path)).arrayBuffer());
  const policy = parseTlogPolicy(await read('/log/policy'));
  // The log was founded without a witness: that there is one now is an amendment, and what is served follows from it.
  const folder = await openFolderLogReader(config.log.directory);
  const beside = ['policy', 'checkpoint.cosigned', 'checkpoint'];
  const served: LogReader = {
    ...folder,
    read: (path) => (beside.includes(path) ? read(`/log/${path}`) : folder.read(path)),
  };
  const audited = await fsck(served);
  assert.deepEqual([audited.findings, audited.records['charter-amendment']], [[], 1]);
  assert.match(audited.cosigning.asked!, /^charter amendment 1 \(entry 2\) asks for .* \(w1\)/);
  assert.deepEqual([audited.cosigning.servedPolicy, audited.cosigning.cosignedSize], ['same', size]);
  const opened = claimCosignedCheckpoint(await read('/log/checkpoint.cosigned'), policy).verify(
    checkSignature,
  );
  assert.deepEqual([opened.size, opened.cosignings.map(({ witness: name }) => name)], [BigInt(size), ['w1']]);
  assert.match(
    await (await coordinator.get('/metrics')).text(),
    /^blindsum_witness_lag_entries\{witness="w1"\} 0$/m,
  );
  await coordinator.running.stop();

  await rename(config.stateDirectory, join(root, 'lost'));
  await cp(backup, config.stateDirectory, { recursive: true });
  await assert.rejects(startTestCoordinator({}, config), {
    code: 'BAD_CHECKPOINT',
    message: /the witness w1 is ahead: it has \d+ entries/,
  });

  // A witness that is away when an old copy starts finds it out when it is back.
  witness.child.kill('SIGKILL');
  const old = await start(config);
  assert.equal((await old.get('/readyz')).status, 200);
  const again = await startWitness('witness', keyFile, new URL(witness.url).host);
  assert.equal(again.vkey, witness.vkey);
  old.time.offsetMs += 60_000;
  const stopped = await until(old, (log) => log.stopped !== null);
  assert.match(stopped.stopped!, /^LOG_STOPPED: the witness w1 holds a checkpoint of/);
  const readiness = await old.get('/readyz');
  assert.deepEqual(
    [readiness.status, ((await readiness.json()) as { code: string }).code],
    [503, 'LOG_STOPPED'],
  );
  const { request } = await createSiteRequest('site-b');
  await old.admin.POST('/v1/sites', { body: request }).catch(() => {});
  await sleep(3000);
  assert.deepEqual([(await logOf(old)).size, old.crashes], [stopped.size, []]);
  await old.running.stop();

  // Also when nobody can be asked any more.
  again.child.kill('SIGKILL');
  const kept = join(config.log.directory, LATER_CHECKPOINT);
  await assert.rejects(startTestCoordinator({}, config), {
    code: 'BAD_CHECKPOINT',
    message: /later-checkpoint/,
  });
  const evidence = await readFile(kept);
  await rm(config.stateDirectory, { recursive: true });
  await rename(join(root, 'lost'), config.stateDirectory);
  await mkdir(dirname(kept), { recursive: true });
  await writeFile(kept, evidence);
  const newest = await start(config);
  await grow(newest, 'site-c');
  await newest.running.stop();
  await assert.rejects(readFile(kept), { code: 'ENOENT' });
});
