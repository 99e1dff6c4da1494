// The files of a federation on one machine: those of examples/, with other ports, folders and rows.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDataSchemaConfiguration, parseJobFile, type JobFile } from '@blindsum/proto';
import { stringify } from 'yaml';
import { loadYaml } from '@blindsum/proto/node';
import type { SiteFiles } from './baselines.ts';
import type { Dataset } from './datasets.ts';
import { readLines, splitRows, toCsv } from './split-data.ts';

type Mapping = Record<string, unknown>;

export interface Layout {
  readonly root: string;
  readonly coordinator: string;
  readonly jobFile: string;
  readonly authorKey: string;
  readonly log: string;
  /** What the processes print. */
  readonly output: string;
}

const MAX_ROUNDS = { job: 100, all: 102 };

export interface SiteSettings {
  readonly site: string;
  /** Fingerprint of the author whose jobs it takes part in. */
  readonly author: string;
  /** Fingerprints of the other members, by name. */
  readonly members: Readonly<Record<string, string>>;
}

/** Where everything of a run lies under its folder. */
export function layoutOf(root: string): Layout {
  return {
    root,
    coordinator: join(root, 'coordinator'),
    jobFile: join(root, 'job.yaml'),
    authorKey: join(root, 'author.key'),
    log: join(root, 'log'),
    output: join(root, 'output'),
  };
}

/** The folder of one site. */
export function siteFolder({ root }: Layout, site: string): string {
  return join(root, site);
}

/** Writes job.yaml with another number of rounds, if one is given, and returns its values. */
export async function writeJob(
  layout: Layout,
  dataset: Dataset,
  rounds: number | undefined,
): Promise<JobFile> {
  const example = (await loadYaml(join(dataset.examples, 'job.yaml'))) as Mapping;
  const values = { ...example, ...(rounds === undefined ? {} : { rounds }) };
  await writeFile(layout.jobFile, stringify(values));
  return parseJobFile(values);
}

/** Splits the data set and writes each site's rows. */
export async function writeRows(layout: Layout, dataset: Dataset, job: JobFile): Promise<SiteFiles[]> {
  const { label } = parseDataSchemaConfiguration(job.data);
  const lines = readLines(await readFile(dataset.csv, 'utf8'), label);
  const files = splitRows(lines, dataset).map(async ({ site, training, holdout }) => {
    const folder = siteFolder(layout, site);
    const written = { site, train: join(folder, 'train.csv'), holdout: join(folder, 'holdout.csv') };
    await mkdir(folder, { recursive: true });
    await writeFile(written.train, toCsv(lines, training));
    await writeFile(written.holdout, toCsv(lines, holdout));
    return written;
  });
  return Promise.all(files);
}

/** Writes coordinator.yaml and returns its path. */
export async function writeCoordinator(
  layout: Layout,
  dataset: Dataset,
  ports: { readonly grpc: number; readonly http: number },
): Promise<string> {
  const example = (await loadYaml(join(dataset.examples, 'coordinator.yaml'))) as Mapping;
  await mkdir(layout.coordinator, { recursive: true });
  const path = join(layout.coordinator, 'coordinator.yaml');
  const listen = { grpc: `127.0.0.1:${ports.grpc}`, http: `127.0.0.1:${ports.http}` };
  await writeFile(path, stringify({ ...example, stateDirectory: '.', listen, log: { directory: '../log' } }));
  return path;
}

/**
 * Writes a site's site.yaml, with whom it trusts if that is known already, and its policy, under which it takes part in the jobs
 * of `author` with nobody asking. Returns the path of site.yaml.
 */
export async function writeSite(
  layout: Layout,
  dataset: Dataset,
  { site, author, members }: SiteSettings,
): Promise<string> {
  const example = (await loadYaml(join(dataset.examples, `${site}.yaml`))) as Mapping;
  const rules = (await loadYaml(join(dataset.examples, `${site}.policy.yaml`))) as Mapping;
  const folder = siteFolder(layout, site);
  const path = join(folder, 'site.yaml');
  const policy = join(folder, 'policy.yaml');
  // Whoever starts a demonstration says how many rounds it has.
  const own = { authors: [author], maxRounds: MAX_ROUNDS, approval: 'automatic' };
  await writeFile(policy, stringify({ ...rules, ...own }));
  const data = { train: 'train.csv', holdout: { file: 'holdout.csv' } };
  await writeFile(path, stringify({ ...example, stateDirectory: '.', policy, data, trust: { members } }));
  return path;
}
