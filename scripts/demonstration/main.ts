// scripts/demo: a whole federation on one machine, and what came of it. See arguments.ts for its options.
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArguments, UsageError, USAGE, type DemoOptions } from './arguments.ts';
import { DATASETS } from './datasets.ts';
import { demonstrate } from './demonstrate.ts';
import { problemsOf, toJson, type Outcome } from './outcome.ts';
import { Processes } from './processes.ts';
import { layoutOf } from './configuration.ts';
import { Progress } from './progress.ts';
import { toReport } from './report.ts';
import { toText } from './table.ts';

const EXIT = { success: 0, failure: 1, usage: 2 } as const;
const SIGNALS = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const;

async function main(): Promise<number> {
  const options = parseArguments(process.argv.slice(2), process.cwd());
  if (options === 'help') {
    process.stdout.write(USAGE);
    return EXIT.success;
  }
  const folder = await openFolder(options.out);
  const clean = () => options.out ?? rmSync(folder, { recursive: true, force: true });
  try {
    const outcome = await run(options, folder);
    await writeResults(options, outcome);
    process.stdout.write(toText(outcome));
    return problemsOf(outcome).length === 0 ? EXIT.success : EXIT.failure;
  } finally {
    clean();
  }
}

/** Somebody told the demonstration to end. */
class Interruption extends Error {
  readonly status: number;

  constructor(status: number) {
    super('interrupted');
    this.status = status;
  }
}

/** Rejects with an Interruption at the first signal. */
function interrupted(): Promise<never> {
  return new Promise((_, reject) => {
    for (const [signal, status] of SIGNALS) process.once(signal, () => reject(new Interruption(status)));
  });
}

async function run(options: DemoOptions, folder: string): Promise<Outcome> {
  const dataset = DATASETS[options.dataset];
  const layout = layoutOf(folder);
  const processes = new Processes(layout.output);
  const interruption = interrupted();
  process.once('exit', () => processes.kill());
  const createProgress = (trainingRounds: number) =>
    new Progress({
      sites: dataset.sites.map(({ site }) => site),
      trainingRounds,
      output: process.stderr,
      nowMs: Date.now,
    });
  try {
    const demonstration = demonstrate({ dataset, layout, processes, rounds: options.rounds, createProgress });
    return await Promise.race([demonstration, interruption]);
  } catch (error) {
    // Whoever interrupts does not want to wait for the processes to end by themselves.
    if (error instanceof Interruption) processes.kill();
    throw error;
  } finally {
    // Before the folder goes: a process that still runs would write into it again.
    await processes.stop();
  }
}

/** A fresh temporary folder, or the one that was asked for: made if it is not there; throws a UsageError if it is not empty. */
async function openFolder(out: string | undefined): Promise<string> {
  if (out === undefined) return mkdtemp(join(tmpdir(), 'blindsum-demo-'));
  await mkdir(out, { recursive: true });
  if ((await readdir(out)).length > 0) throw new UsageError(`--out: ${out} is not empty`);
  return out;
}

async function writeResults({ json, report }: DemoOptions, outcome: Outcome): Promise<void> {
  if (json !== undefined) await write(json, `${JSON.stringify(toJson(outcome), undefined, 2)}\n`);
  if (report !== undefined) await write(report, toReport(outcome));
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

try {
  process.exitCode = await main();
} catch (error) {
  // What the demonstration was about to do next is not done.
  if (error instanceof Interruption) process.exit(error.status);
  const isUsage = error instanceof UsageError;
  process.stderr.write(`demo: ${(error as Error).message}${isUsage ? ' (see --help)' : ''}\n`);
  process.exitCode = isUsage ? EXIT.usage : EXIT.failure;
}
