// The auditor's command. Exit status: 0 the log is intact, 1 it is not, 2 wrong usage, 3 it could not be read.
import { readFile } from 'node:fs/promises';
import { Refusal } from '@blindsum/proto';
import { Command, CommanderError } from 'commander';
import { fsck } from './fsck.ts';
import { openLogReader } from './open-log-reader.ts';
import { toText } from './report.ts';

const EXIT = { intact: 0, failed: 1, usage: 2, unreadable: 3 } as const;

function createProgram(): Command {
  const program = new Command('blindsum-audit')
    .description("Checks a federation's public log, trusting neither its coordinator nor its sites")
    .exitOverride();
  program
    .command('fsck')
    .description('rebuild a whole log and check every signature, hash and record in it')
    .argument('<log>', 'folder of the log, or its address (https://...)')
    .option('--vkey <key>', 'the key of the log that you trust, or a file that holds it')
    .option('--json', 'print the report as JSON')
    .exitOverride()
    .action(runFsck);
  return program;
}

async function runFsck(log: string, options: { vkey?: string; json?: boolean }): Promise<void> {
  const vkey = options.vkey === undefined ? undefined : await toVkey(options.vkey);
  const report = await fsck(await openLogReader(log), vkey);
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : toText(report));
  process.exitCode = report.ok ? EXIT.intact : EXIT.failed;
}

/** A vkey has two plus signs; anything else is the name of a file that holds one. */
async function toVkey(option: string): Promise<string> {
  if (/^[^+/]+\+[0-9a-f]{8}\+/.test(option)) return option;
  try {
    return (await readFile(option, 'utf8')).trim();
  } catch (cause) {
    throw new Refusal('CONFIG_INVALID', `--vkey: ${option} is neither a key nor a file that can be read`, {
      cause,
    });
  }
}

function toExitCode(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.intact : EXIT.usage;
  if (!(error instanceof Refusal)) throw error;
  process.stderr.write(`blindsum-audit: ${error.message}\n`);
  return error.code === 'UNAVAILABLE' ? EXIT.unreadable : EXIT.usage;
}

await createProgram()
  .parseAsync()
  .catch((error: unknown) => {
    process.exitCode = toExitCode(error);
  });
