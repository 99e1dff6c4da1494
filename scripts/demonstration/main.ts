// scripts/demo: a whole federation on one machine, and what came of it. See arguments.ts for its options.
import { rmSync } from 'node:fs';
import { parseArguments, UsageError, USAGE, type DemoOptions } from './arguments.ts';
import { DATASETS } from './datasets.ts';
import { demonstrate } from './demonstrate.ts';
import { problemsOf, toJson, type Outcome } from './outcome.ts';
import { Interruption, interrupted } from './interruption.ts';
import { Processes } from './processes.ts';
import { layoutOf } from './configuration.ts';
import { Progress } from './progress.ts';
import { toReport } from './report.ts';
import { openFolder, writeResult } from './run-folder.ts';
import { toText } from './table.ts';

const EXIT = { success: 0, failure: 1, usage: 2 } as const;

async function main(): Promise<number> {
  const options = parseArguments(process.argv.slice(2), process.cwd());
  if (options === 'help') {
    process.stdout.write(USAGE);
    return EXIT.success;
  }
  const folder = await openFolder(options.out, 'demo');
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

async function writeResults({ json, report }: DemoOptions, outcome: Outcome): Promise<void> {
  if (json !== undefined) await writeResult(json, `${JSON.stringify(toJson(outcome), undefined, 2)}\n`);
  if (report !== undefined) await writeResult(report, toReport(outcome));
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
