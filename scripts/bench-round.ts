// Measures whole rounds, and what the log takes of their time: node_modules/.bin/node scripts/bench-round.ts [--sites 5] [--rounds 3]
// [--json]. A coordinator and the sites are processes of their own on this machine, as in the demonstration; the model has a million
// parameters, and the rows are so few that training takes a second: where sites train for longer, the log's share is smaller.
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadYaml } from '@blindsum/proto/node';
import { stringify } from 'yaml';
import { layoutOf, writeJob, writeRows } from './demonstration/configuration.ts';
import { DATASETS, type Dataset } from './demonstration/datasets.ts';
import { runFederation } from './demonstration/federation.ts';
import { logShare, type RoundOutcome } from './demonstration/outcome.ts';
import { Processes } from './demonstration/processes.ts';

/** Of thirty columns and one output: a little more than a million parameters. */
const HIDDEN = [1000, 970];
const WAIT_SECONDS = 900;

interface Measurement {
  readonly sites: number;
  readonly parameters: number;
  readonly trainingRounds: number;
  /** From the first phase to the publication, the median of the training rounds. */
  readonly roundSeconds: number;
  /** Of all records of the job: what the log took of the time of its rounds, 0..1. */
  readonly logShare: number;
  /** The same in milliseconds, over the rounds: training rounds, and the one before and after them. */
  readonly logMsPerRound: number;
}

async function main(): Promise<void> {
  const options = {
    sites: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  } as const;
  const { values } = parseArgs({ options });
  const root = await mkdtemp(join(tmpdir(), 'blindsum-bench-'));
  const processes = new Processes(join(root, 'output'));
  process.once('exit', () => processes.kill());
  try {
    const measured = await measure(root, processes, Number(values.sites), Number(values.rounds));
    process.stdout.write(`${values.json ? JSON.stringify(measured) : describe(measured)}\n`);
  } finally {
    await processes.stop();
    await rm(root, { recursive: true, force: true });
  }
}

async function measure(root: string, processes: Processes, sites: number, rounds: number) {
  const layout = layoutOf(root);
  const dataset = await writeExamples(join(root, 'examples'), sites);
  const job = await writeJob(layout, dataset, rounds);
  await writeRows(layout, dataset, job);
  const quiet = { onEvent: () => undefined, say: () => undefined };
  const result = await runFederation({ layout, dataset, job, processes, ...quiet });
  const failed = result.rounds.find(({ state }) => state !== 'published');
  if (failed) throw new Error(`round ${failed.round} was not published: ${failed.failure}`);
  const seconds = result.rounds.filter(({ kind }) => kind === 'training').map(secondsOf);
  return {
    sites,
    parameters: result.manifest.model.parameters,
    trainingRounds: seconds.length,
    roundSeconds: seconds.sort((a, b) => a - b)[seconds.length >> 1]!,
    logShare: logShare(result),
    logMsPerRound: (1000 * result.logSeconds) / result.rounds.length,
  };
}

/** The example of the three hospitals, with as many as are asked for, and a larger model. */
async function writeExamples(folder: string, count: number): Promise<Dataset> {
  const { breast_cancer } = DATASETS;
  const [example] = breast_cancer.sites;
  await mkdir(folder);
  await cp(join(breast_cancer.examples, 'coordinator.yaml'), join(folder, 'coordinator.yaml'));
  const sites = Array.from({ length: count }, (_, i) => `hospital-${i + 1}`);
  const read = (file: string) => readFile(join(breast_cancer.examples, file), 'utf8');
  const site = await read(`${example!.site}.yaml`);
  const policy = (await read(`${example!.site}.policy.yaml`)).replace(
    /^maxParameters: .*$/m,
    'maxParameters: 2000000',
  );
  for (const name of sites) {
    await writeFile(join(folder, `${name}.yaml`), site.replaceAll(example!.site, name));
    await writeFile(join(folder, `${name}.policy.yaml`), policy);
  }
  await writeFile(join(folder, 'job.yaml'), stringify(await largerJob(breast_cancer, count)));
  const share = { positives: 1 / count, negatives: 1 / count };
  return { ...breast_cancer, examples: folder, sites: sites.map((name) => ({ site: name, ...share })) };
}

async function largerJob({ examples }: Dataset, minimum: number): Promise<object> {
  const job = (await loadYaml(join(examples, 'job.yaml'))) as Record<string, Record<string, unknown>>;
  const waits = Object.fromEntries(Object.keys(job['waits']!).map((wait) => [wait, WAIT_SECONDS]));
  const { carrySeconds } = job['waits']!;
  return {
    ...job,
    model: { ...job['model'], hidden: HIDDEN },
    contributors: { minimum },
    waits: { ...waits, carrySeconds },
  };
}

function secondsOf({ phases }: RoundOutcome): number {
  return phases.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0) / 1000;
}

function describe(measured: Measurement): string {
  const { sites, parameters, trainingRounds, roundSeconds, logMsPerRound } = measured;
  return [
    `rounds of ${sites} sites and ${parameters} parameters: ${roundSeconds.toFixed(1)} s each (${trainingRounds} of them),`,
    `of which the log takes ${logMsPerRound.toFixed(0)} ms, ${(100 * measured.logShare).toFixed(2)} % of the time of all rounds`,
  ].join(' ');
}

await main();
