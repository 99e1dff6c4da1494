// A federation on this machine, started with the commands that a user would type: nothing here knows more than they do.
import { join } from 'node:path';
import type { JobFile, Manifest } from '@blindsum/proto';
import type { ProgressEvent } from '../../participant/src/session-progress.ts';
import { siteFolder, writeCoordinator, type Layout } from './configuration.ts';
import { CoordinatorStatus } from './coordinator-status.ts';
import type { Dataset } from './datasets.ts';
import { coordinatorCommand, parseEvent, siteCommand } from './commands.ts';
import { adoptRoster, enrolSites, makeAuthor, makeKeys, submitJob } from './enrolment.ts';
import { findFreePorts } from './free-ports.ts';
import type { RoundOutcome } from './outcome.ts';
import type { Ending, Processes } from './processes.ts';

export interface FederationSetup {
  readonly layout: Layout;
  readonly dataset: Dataset;
  readonly job: JobFile;
  readonly processes: Processes;
  readonly onEvent: (site: string, event: ProgressEvent) => void;
  readonly say: (text: string) => void;
}

export interface FederationResult {
  readonly manifest: Manifest;
  readonly rounds: readonly RoundOutcome[];
  /** Ciphertext of one site in the first training round, as it arrived. */
  readonly ciphertextBytes: number;
  /** Seconds until records of the job and its rounds were durable in the log. */
  readonly logSeconds: number;
}

/** Runs the whole job and stops every process; throws an Error that says who failed, and how. */
export async function runFederation(setup: FederationSetup): Promise<FederationResult> {
  const { processes, say, dataset, job } = setup;
  try {
    const requests = await makeKeys(setup, await makeAuthor(setup));
    const coordinator = await startCoordinator(setup);
    await enrolSites(setup, coordinator.config, requests);
    say(`${dataset.sites.length} sites admitted, each knows the others' fingerprints`);
    await adoptRoster(setup, coordinator.config, requests);
    say(
      'roster version 1 approved by every site, automatically: nobody is in it whose fingerprint it does not list',
    );
    await submitJob(setup, coordinator.config);
    say(
      `job ${job.job} submitted: ${job.rounds} training rounds; here sites approve it by themselves, as their policies say`,
    );
    const metrics = await Promise.race([runSites(setup), failWith('the coordinator', coordinator.ended)]);
    return await collectResults(setup, coordinator.status, metrics);
  } finally {
    await processes.stop();
  }
}

interface RunningCoordinator {
  readonly config: string;
  readonly status: CoordinatorStatus;
  readonly ended: Promise<Ending>;
}

async function startCoordinator({
  layout,
  dataset,
  processes,
  say,
}: FederationSetup): Promise<RunningCoordinator> {
  const [grpc = 0, http = 0] = await findFreePorts(2);
  const config = await writeCoordinator(layout, dataset, { grpc, http });
  const address = `https://127.0.0.1:${http}`;
  const ended = processes.start(coordinatorCommand('serve', '--config', config));
  const status = new CoordinatorStatus(address, layout.coordinator);
  await Promise.race([status.waitUntilReady(ended), failWith('the coordinator', ended)]);
  say(`coordinator at ${address}`);
  return { config, status, ended };
}

/** Runs all sites to the end of the job; returns the attested metrics of each round. */
async function runSites(setup: FederationSetup): Promise<Map<number, RoundOutcome['metrics']>> {
  const { layout, dataset, job, processes, onEvent } = setup;
  const metrics = new Map<number, RoundOutcome['metrics']>();
  const onLine = (site: string, line: string) => {
    const event = parseEvent(line);
    if (event === undefined) return;
    if (event.event === 'applied') metrics.set(event.round, event.metrics);
    onEvent(site, event);
  };
  const ends = dataset.sites.map(async ({ site }) => {
    const config = join(siteFolder(layout, site), 'site.yaml');
    const command = siteCommand(
      site,
      'run',
      '--config',
      config,
      '--until-finished',
      job.job,
      '--progress',
      'json',
    );
    const ending = await processes.start({ ...command, onLine: (line) => onLine(site, line) });
    if (ending.status !== 0) throw new Error(toFailure(site, ending));
  });
  await Promise.all(ends);
  return metrics;
}

async function collectResults(
  { job }: FederationSetup,
  status: CoordinatorStatus,
  metrics: ReadonlyMap<number, RoundOutcome['metrics']>,
): Promise<FederationResult> {
  return {
    manifest: await status.manifest(job.job),
    rounds: await status.rounds(job.job, metrics),
    ciphertextBytes: await status.ciphertextBytes(job.job, 1),
    logSeconds: await status.logSeconds(),
  };
}

/** Rejects when a process ends that should go on. */
async function failWith(who: string, ended: Promise<Ending>): Promise<never> {
  throw new Error(toFailure(who, await ended));
}

function toFailure(who: string, { status, complaint }: Ending): string {
  return `${who} ended with status ${status ?? 'unknown'}${complaint === '' ? '' : `:\n${complaint}`}`;
}
