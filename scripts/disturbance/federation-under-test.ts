// A federation of real processes, each of which can be killed and started again, and the lines between them.
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { JobFile } from '@blindsum/proto';
import { loadYaml } from '@blindsum/proto/node';
import { stringify } from 'yaml';
import { coordinatorCommand, siteCommand } from '../demonstration/commands.ts';
import {
  siteFolder,
  writeCoordinator,
  writeJob,
  writeRows,
  type Layout,
} from '../demonstration/configuration.ts';
import { CoordinatorStatus } from '../demonstration/coordinator-status.ts';
import type { Dataset } from '../demonstration/datasets.ts';
import { adoptRoster, enrolSites, makeAuthor, makeKeys, submitJob } from '../demonstration/enrolment.ts';
import { findFreePorts } from '../demonstration/free-ports.ts';
import type { Command, Ending, Processes } from '../demonstration/processes.ts';
import { writeTemplates } from './chaos-files.ts';
import type { SiteRows } from './double-counting.ts';
import type { Line } from './interference.ts';
import { readCsvRows } from './row-count.ts';
import { SupervisedProcess } from './supervised-process.ts';
import { TcpProxy } from './tcp-proxy.ts';

/** The sealed shares of two sites, or a little more. */
const SMALL_QUOTA_BYTES = 64 * 1024;

export interface FederationSetup {
  readonly layout: Layout;
  readonly processes: Processes;
  readonly sites: number;
  readonly rounds: number;
  /** Of the job, in seconds; LONG_WAITS unless given. */
  readonly waits?: Readonly<Record<string, number>>;
  readonly onSiteLine: (site: string, line: string) => void;
  readonly onCoordinatorLine: (line: string) => void;
  /** Told when a process ended and nobody had killed it. */
  readonly onOwnEnd: (name: string, ending: Ending) => void;
}

export interface FederationUnderTest {
  readonly job: JobFile;
  readonly rows: readonly SiteRows[];
  readonly coordinator: SupervisedProcess;
  readonly status: CoordinatorStatus;
  /** Of the coordinator's next start. */
  readonly quota: { isSmall: boolean };
  /** In roster order, as are the lines. */
  readonly sites: readonly SupervisedProcess[];
  readonly lines: readonly Line[];
  close(): Promise<void>;
}

/** Writes the files, enrols the sites and submits the job; the coordinator runs then, and the sites do not yet. */
export async function openFederation(setup: FederationSetup): Promise<FederationUnderTest> {
  const { layout, processes } = setup;
  const [grpc = 0, http = 0] = await findFreePorts(2);
  const proxies = await Promise.all(Array.from({ length: setup.sites }, () => TcpProxy.open(grpc)));
  const dataset = await writeTemplates(
    join(layout.root, 'templates'),
    proxies.map(({ port }) => port),
    { waits: setup.waits },
  );
  const job = await writeJob(layout, dataset, setup.rounds);
  const rows = await writeSiteRows(layout, dataset, job);
  const enrolment = { layout, dataset, processes };
  const requests = await makeKeys(enrolment, await makeAuthor(enrolment));
  const config = await writeCoordinator(layout, dataset, { grpc, http });
  const quota = { isSmall: false };
  const smallConfig = await writeSmallQuota(config);
  const coordinator = supervise(setup, 'coordinator', () =>
    coordinatorCommand('serve', '--config', quota.isSmall ? smallConfig : config),
  );
  const status = new CoordinatorStatus(`https://127.0.0.1:${http}`, layout.coordinator);
  await status.waitUntilReady(coordinator.start());
  await enrolSites(enrolment, config, requests);
  await adoptRoster(enrolment, config, requests);
  await submitJob(enrolment, config);
  const sites = requests.map(({ site, config: siteConfig }) =>
    supervise(setup, site, () => runCommand(site, siteConfig, job.job)),
  );
  const lines = requests.map(({ site }, i) => ({ site, proxy: proxies[i]! }));
  const close = async () => {
    await Promise.all(proxies.map((proxy) => proxy.close()));
  };
  return { job, rows, coordinator, status, quota, sites, lines, close };
}

/** Writes the same configuration with a quota that no round fits into, and returns its path. */
async function writeSmallQuota(config: string): Promise<string> {
  const values = (await loadYaml(config)) as Record<string, unknown>;
  const path = join(dirname(config), 'coordinator-small-quota.yaml');
  await writeFile(path, stringify({ ...values, limits: { maxUploadBytesPerRound: SMALL_QUOTA_BYTES } }));
  return path;
}

function supervise(
  { processes, onSiteLine, onCoordinatorLine, onOwnEnd }: FederationSetup,
  name: string,
  toCommand: () => Command,
): SupervisedProcess {
  const listeners =
    name === 'coordinator'
      ? { onLine: () => undefined, onComplaint: onCoordinatorLine }
      : { onLine: (line: string) => onSiteLine(name, line) };
  return new SupervisedProcess({
    name,
    launch: () => processes.launch({ ...toCommand(), ...listeners }),
    onOwnEnd: (ending) => onOwnEnd(name, ending),
  });
}

function runCommand(site: string, config: string, job: string) {
  return siteCommand(site, 'run', '--config', config, '--until-finished', job, '--progress', 'json');
}

async function writeSiteRows(layout: Layout, dataset: Dataset, job: JobFile): Promise<SiteRows[]> {
  const files = await writeRows(layout, dataset, job);
  return Promise.all(
    files.map(async ({ site, train, holdout }) => ({
      site,
      training: await readCsvRows(train),
      holdout: await readCsvRows(holdout),
    })),
  );
}

/** State directory of a site. */
export function folderOf(layout: Layout, { name }: SupervisedProcess): string {
  return siteFolder(layout, name);
}
