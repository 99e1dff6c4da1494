// `run`: the agent itself, put together from its parts.
import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { randomInt } from 'node:crypto';
import { pino, destination, type Logger } from 'pino';
import { REDACTED } from '@blindsum/proto/node';
import { Refusal, type JobId } from '@blindsum/proto';
import { startTracing, traceFields } from '@blindsum/proto/tracing';
import { WorkRecorder } from '../activity/work-recorder.ts';
import type { Config } from '../config.ts';
import { readSiteData } from '../data/site-data.ts';
import { createEncryptorPair } from '../encryption/encryptor-pair.ts';
import { Heartbeat } from '../heartbeat.ts';
import { CertificateRenewal } from '../identity/certificate-renewal.ts';
import { loadSiteKeys, type SiteKeys } from '../identity/site-keys.ts';
import { openSqliteJournal } from '../journal/sqlite-journal.ts';
import { openMetrics } from '../metrics/open-metrics.ts';
import type { Site } from '../open-session.ts';
import type { Clock } from '../ports.ts';
import { createPolicyFile } from '../policy/policy-file.ts';
import { createReport, type ProgressFormat } from '../progress-lines.ts';
import { createGrpcCoordinator } from '../rpc/grpc-coordinator.ts';
import { openSiteLog, type OpenSiteLog } from '../log/open-site-log.ts';
import { createGrpcLog } from '../rpc/grpc-log.ts';
import { createGrpcRosters } from '../rpc/grpc-rosters.ts';
import { renewCertificate } from '../rpc/grpc-enrolment.ts';
import { createGrpcTransfers } from '../rpc/grpc-transfers.ts';
import { followReleases } from '../releases/follow-releases.ts';
import { createGrpcReleases } from '../rpc/grpc-releases.ts';
import { followRosters } from '../rosters/follow-rosters.ts';
import { RosterKeeper } from '../rosters/roster-keeper.ts';
import type { ReleaseDesk } from '../releases/release-desk.ts';
import type { DriverRules, SessionEnd } from '../session-driver.ts';
import type { ProgressEvent, Report } from '../session-progress.ts';
import { runAllJobs, runJob } from '../site-agent.ts';
import { lockState } from '../state-lock.ts';
import { backendChoice } from '../training/backend-choice.ts';
import { TrainingTurns } from '../training/training-turns.ts';
import { openWorkerTrainer } from '../training/worker-trainer.ts';
import { VERSION } from '../version.ts';
import { openSiteConnection } from './connect.ts';
import { endedJobStatus } from './ended-job-status.ts';
import { openLocalPage } from './local-page.ts';

export interface RunOptions {
  readonly progress: ProgressFormat;
  /** Take part in this job only, and end with it. */
  readonly untilFinished?: JobId;
}

const RANDOM_LIMIT = 2 ** 47;
const LAST_MOMENTS_MS = 10_000;

/** Resolves to the exit status: 0 unless the job that was waited for did not finish. */
export async function run(config: Config, options: RunOptions): Promise<number> {
  const job = options.untilFinished;
  const keys = await loadSiteKeys(config.stateDirectory, config.keys);
  const lock = lockState(config.stateDirectory);
  const stopping = new AbortController();
  const log = openLog(config);
  const tracing = await startTracing({
    config: config.tracing,
    ...{ service: 'blindsum-site', version: VERSION, instance: config.site },
    failed: (reason) => log.warn({ event: 'tracing.export-failed', reason }),
  });
  const heartbeat = new Heartbeat(VERSION);
  const metrics = openMetrics(config, () => Date.now());
  const told = logged(log, createReport(options.progress, toOutput(config)));
  const report = metrics.following(heartbeat.following(told));
  const opened = await openSite(config, keys, { report, log, signal: stopping.signal });
  const { site, siteLog, rosters, releases, renewal, turns, recorder, close, disconnect } = opened;
  const stop = () => {
    stopping.abort();
    // Whatever waits for the network ends at once; what computes is given a moment. A second signal ends it, and so may any
    // crash: nothing is lost.
    disconnect();
    setTimeout(() => process.exit(1), LAST_MOMENTS_MS).unref();
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const open: { close(): Promise<void> }[] = [tracing, { close }];
  try {
    const page = await openLocalPage(config, keys, log);
    if (page) open.push(page);
    const { stateDirectory } = config;
    open.push(await metrics.serve({ log: site.journal.log, renewal, turns, stateDirectory }));
    void heartbeat.run(site.coordinator, site.clock, stopping.signal);
    void renewal.run(stopping.signal);
    const ended = serve(site, { job, log, recorder, signal: stopping.signal });
    const following = [
      followRosters({ keeper: rosters, clock: site.clock, report, signal: stopping.signal }),
      siteLog.follow(stopping.signal),
      followVotes(site, releases, stopping.signal),
    ];
    // They end with an error only, when the site itself cannot go on.
    const status = await Promise.race([ended, ...following.map(forEver)]);
    if (!stopping.signal.aborted) await collectLast(siteLog);
    return status;
  } finally {
    stopping.abort();
    for (const one of open.toReversed()) await one.close();
    lock.release();
  }
}

async function forEver(work: Promise<void>): Promise<never> {
  await work;
  return new Promise(() => {});
}

/** The record of the last round has come with the end of its job. What cannot be had is asked for by the next run. */
async function collectLast({ receipts }: OpenSiteLog): Promise<void> {
  try {
    await receipts.collect('now');
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}

function followVotes(site: Site, desk: ReleaseDesk, signal: AbortSignal): Promise<void> {
  const { journal, transfers, clock, report, config } = site;
  const { stateDirectory } = config;
  return followReleases({ journal, desk, transfers, clock, report, stateDirectory, signal });
}

interface Service {
  readonly job: JobId | undefined;
  readonly log: Logger;
  readonly recorder: WorkRecorder;
  readonly signal: AbortSignal;
}

async function serve(site: Site, { job, log, recorder, signal }: Service): Promise<number> {
  const rules = {
    signal,
    giveUpAfterMs: site.config.retry.giveUpAfterMinutes * 60_000,
    random: () => randomInt(RANDOM_LIMIT) / RANDOM_LIMIT,
  };
  if (job !== undefined) return endedJobStatus(await runOne(site, job, rules, recorder));
  const onJobEnd = (ended: JobId, end: SessionEnd | Refusal) => {
    if (!(end instanceof Refusal)) return;
    recorder.refused(ended, end);
    const { code, detail } = end;
    log.error({ event: 'job-refused', job: ended, code, detail }, 'job-refused');
  };
  await runAllJobs(site, { ...rules, onJobEnd });
  return 0;
}

/** Whoever asks for `status` afterwards finds why the job was refused. */
async function runOne(site: Site, job: JobId, rules: DriverRules, recorder: WorkRecorder) {
  try {
    return await runJob(site, job, rules);
  } catch (error) {
    if (error instanceof Refusal) recorder.refused(job, error);
    throw error;
  }
}

interface Surroundings {
  readonly report: Report;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

async function openSite(config: Config, keys: SiteKeys, { report: told, signal, log }: Surroundings) {
  mkdirSync(config.stateDirectory, { recursive: true, mode: 0o700 });
  const policy = createPolicyFile(config.policy);
  // A policy with a mistake is named at the start; from then on it only holds contributions back.
  await policy.current();
  const connection = await openSiteConnection(config, keys);
  const { grant, activity, channels, renew } = connection;
  activity.work.recordStart({ version: VERSION, startedMs: Date.now() });
  const recorder = new WorkRecorder(activity.work, () => Date.now());
  const report = recorder.following(told);
  const journal = openSqliteJournal(join(config.stateDirectory, 'journal.sqlite'));
  const encryptor = createEncryptorPair();
  const rosters = new RosterKeeper({
    ...{ rules: config, own: keys.member(config.site), sign: keys.signer.sign, journal },
    source: createGrpcRosters(channels.control, signal),
  });
  const turns = new TrainingTurns();
  const backend = backendChoice(config.training.backend, process.env);
  const clock = createClock(signal);
  const source = createGrpcLog(channels.control, signal);
  const siteLog = openSiteLog({ config, keys, journal, source, rosters, clock, report });
  const site: Site = {
    log: siteLog.keeper,
    config,
    policy,
    keys,
    coordinator: recorder.watching(createGrpcCoordinator(channels.control, signal)),
    rosters,
    transfers: createGrpcTransfers(channels.bulk),
    encryptor,
    journal,
    readData: readSiteData,
    openTrainer: async (setup) => turns.wrap(await openWorkerTrainer({ ...setup, backend })),
    clock,
    report,
  };
  const renewal = new CertificateRenewal(
    {
      ...{
        stateDirectory: config.stateDirectory,
        storage: config.keys,
        name: config,
        keys,
        clock: site.clock,
      },
      ask: (csr) => renewCertificate(channels.control, csr),
      renewed: renew,
      report: (event) => log[event.event === 'certificate.renewed' ? 'info' : 'warn'](event, event.event),
    },
    grant,
  );
  const close = async () => {
    connection.close();
    await encryptor.close();
    journal.close();
  };
  const releases = createGrpcReleases(channels.control, signal);
  const disconnect = () => channels.close();
  return { site, siteLog, rosters, releases, renewal, turns, recorder, close, disconnect };
}

function createClock(signal: AbortSignal): Clock {
  return {
    nowMs: () => Date.now(),
    sleep: (ms) => sleep(ms, undefined, { signal }).catch(() => undefined),
  };
}

function openLog({ logging: { level }, site, federation }: Config): Logger {
  return pino(
    { level, base: { site }, redact: REDACTED, mixin: traceFields(federation) },
    destination({ fd: 2, sync: true }),
  );
}

function logged(log: Logger, report: Report): Report {
  return (event) => {
    log[levelOf(event)](event, event.event);
    report(event);
  };
}

const ERRORS: ReadonlySet<string> = new Set(['refused', 'roster-refused', 'log-refused', 'stopped']);

function levelOf(event: ProgressEvent): 'error' | 'warn' | 'debug' {
  if (event.event === 'receipt') return event.fate === 'broken' ? 'error' : 'debug';
  if (ERRORS.has(event.event)) return 'error';
  return event.event === 'waiting' || event.event === 'roster-waits' ? 'warn' : 'debug';
}

function toOutput(config: Config) {
  return {
    site: config.site,
    nowMs: () => Date.now(),
    write: (line: string) => void process.stdout.write(line),
  };
}
