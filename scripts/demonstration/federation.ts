// A federation on this machine, started with the commands that a user would type: nothing here knows more than they do.
import { join } from 'node:path';
import type { JobFile, Manifest } from '@blindsum/proto';
import type { ProgressEvent } from '../../participant/src/session-progress.ts';
import { siteFolder, writeCoordinator, writeSite, type Layout } from './configuration.ts';
import { CoordinatorStatus } from './coordinator-status.ts';
import { ROOT, type Dataset } from './datasets.ts';
import { findFreePorts } from './free-ports.ts';
import type { RoundOutcome } from './outcome.ts';
import type { Ending, Processes } from './processes.ts';

const COORDINATOR = join(ROOT, 'coordinator/bin/blindsum-coordinator');
const SITE = join(ROOT, 'participant/bin/blindsum-site');

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
}

/** Runs the whole job and stops every process; throws an Error that says who failed, and how. */
export async function runFederation(setup: FederationSetup): Promise<FederationResult> {
  const { processes, say, dataset, job } = setup;
  try {
    const requests = await makeKeys(setup);
    const coordinator = await startCoordinator(setup);
    await enrol(setup, coordinator.config, requests);
    say(`${dataset.sites.length} sites admitted, each knows the others' fingerprints`);
    await processes.run(coordinatorCommand('submit', '--config', coordinator.config, setup.layout.jobFile));
    say(`job ${job.job} submitted: ${job.rounds} training rounds`);
    const metrics = await Promise.race([runSites(setup), failWith('the coordinator', coordinator.ended)]);
    return await collectResults(setup, coordinator.status, metrics);
  } finally {
    await processes.stop();
  }
}

interface SiteRequest {
  readonly site: string;
  readonly config: string;
  readonly request: string;
  readonly fingerprint: string;
}

/** Every site makes its keys; each then writes down the others' fingerprints, as people would over the telephone. */
async function makeKeys(setup: FederationSetup): Promise<SiteRequest[]> {
  const { layout, dataset, processes } = setup;
  const made = await Promise.all(
    dataset.sites.map(async ({ site }) => {
      const config = await writeSite(layout, dataset, { site, members: {} });
      const request = join(siteFolder(layout, site), 'request.json');
      const printed = await processes.run(siteCommand(site, 'keygen', '--config', config, '--out', request));
      return { site, config, request, fingerprint: parseFingerprint(printed) };
    }),
  );
  const members = Object.fromEntries(made.map(({ site, fingerprint }) => [site, fingerprint]));
  await Promise.all(made.map(({ site }) => writeSite(layout, dataset, { site, members })));
  return made;
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
  const address = `http://127.0.0.1:${http}`;
  const ended = processes.start(coordinatorCommand('serve', '--config', config));
  const status = new CoordinatorStatus(address);
  await Promise.race([status.waitUntilReady(ended), failWith('the coordinator', ended)]);
  say(`coordinator at ${address}`);
  return { config, status, ended };
}

async function enrol(
  setup: FederationSetup,
  config: string,
  requests: readonly SiteRequest[],
): Promise<void> {
  const { layout, processes } = setup;
  // One after another: the order of admission is that of the roster.
  const grants: string[] = [];
  for (const { site, request } of requests) {
    const grant = join(siteFolder(layout, site), 'grant.json');
    await processes.run(coordinatorCommand('admit', '--config', config, '--out', grant, request));
    grants.push(grant);
  }
  await Promise.all(
    requests.map(({ site, config: siteConfig }, i) =>
      processes.run(siteCommand(site, 'install', '--config', siteConfig, grants[i]!)),
    ),
  );
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
  };
}

function coordinatorCommand(...args: readonly string[]) {
  return { name: 'coordinator', argv: [COORDINATOR, ...args] as const };
}

function siteCommand(site: string, ...args: readonly string[]) {
  return { name: site, argv: [SITE, ...args] as const };
}

/** Rejects when a process ends that should go on. */
async function failWith(who: string, ended: Promise<Ending>): Promise<never> {
  throw new Error(toFailure(who, await ended));
}

function toFailure(who: string, { status, complaint }: Ending): string {
  return `${who} ended with status ${status ?? 'unknown'}${complaint === '' ? '' : `:\n${complaint}`}`;
}

function parseFingerprint(printed: string): string {
  const found = /[0-9a-f]{4}(?:-[0-9a-f]{4}){9}/.exec(printed);
  if (found === null) throw new Error('blindsum-site keygen printed no fingerprint');
  return found[0];
}

/** Lines that are no events belong to people. */
function parseEvent(line: string): ProgressEvent | undefined {
  return line.startsWith('{') ? (JSON.parse(line) as ProgressEvent) : undefined;
}
