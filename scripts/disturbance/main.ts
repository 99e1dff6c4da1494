// scripts/chaos: a federation under fire, and what came of it. See arguments.ts for its options.
import { rmSync } from 'node:fs';
import { UsageError } from '../demonstration/arguments.ts';
import { layoutOf } from '../demonstration/configuration.ts';
import { Interruption, interrupted } from '../demonstration/interruption.ts';
import { Processes } from '../demonstration/processes.ts';
import { openFolder, writeResult } from '../demonstration/run-folder.ts';
import { parseArguments, USAGE, type ChaosOptions } from './arguments.ts';
import { problemsOf, toJson, toText, type ChaosOutcome } from './chaos-outcome.ts';
import { runChaos } from './run-chaos.ts';

const EXIT = { success: 0, failure: 1, usage: 2 } as const;

async function main(): Promise<number> {
  const options = parseArguments(process.argv.slice(2), process.cwd());
  if (options === 'help') {
    process.stdout.write(USAGE);
    return EXIT.success;
  }
  const folder = await openFolder(options.out, 'chaos');
  const isKept = options.keep || options.out !== undefined;
  try {
    const outcome = await run(options, folder);
    if (options.json !== undefined)
      await writeResult(options.json, `${JSON.stringify(toJson(outcome), undefined, 2)}\n`);
    process.stdout.write(toText(outcome));
    return problemsOf(outcome).length === 0 ? EXIT.success : EXIT.failure;
  } finally {
    if (isKept) process.stderr.write(`chaos: everything is in ${folder}\n`);
    else rmSync(folder, { recursive: true, force: true });
  }
}

async function run(options: ChaosOptions, folder: string): Promise<ChaosOutcome> {
  const layout = layoutOf(folder);
  const processes = new Processes(layout.output);
  const interruption = interrupted();
  process.once('exit', () => processes.kill());
  const startMs = Date.now();
  const say = (text: string) =>
    void process.stderr.write(`${((Date.now() - startMs) / 1000).toFixed(1).padStart(6)} s  ${text}\n`);
  try {
    return await Promise.race([runChaos({ layout, processes, options, say }), interruption]);
  } catch (error) {
    // Whoever interrupts does not want to wait for the processes to end by themselves.
    if (error instanceof Interruption) processes.kill();
    throw error;
  } finally {
    // Before the folder goes: a process that still runs would write into it again.
    await processes.stop();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  // What was about to be done next is not done.
  if (error instanceof Interruption) process.exit(error.status);
  const isUsage = error instanceof UsageError;
  process.stderr.write(`chaos: ${(error as Error).message}${isUsage ? ' (see --help)' : ''}\n`);
  process.exitCode = isUsage ? EXIT.usage : EXIT.failure;
}
