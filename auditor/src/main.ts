// The auditor's command. Exit status: 0 the log or round is in order, 1 it is not, 2 wrong usage, 3 something could not be read,
// 4 what is left of the round is in order, and its encrypted updates are kept no longer.
import { readFile } from 'node:fs/promises';
import { parseJobId, Refusal, refuseUnless } from '@blindsum/proto';
import { trustAuthorityFile } from '@blindsum/proto/node';
import { Command, CommanderError } from 'commander';
import { fsck } from './fsck.ts';
import type { LogReader } from './log-reader.ts';
import { openLogReader } from './open-log-reader.ts';
import { createProgressLine } from './progress-line.ts';
import { toText } from './report.ts';
import { toRoundText } from './round-text.ts';
import { toTrailText, verifyTrail } from './verify-trail.ts';
import { verifyRounds, type RoundSelection } from './verify-rounds.ts';
import { addWitnessCommand } from './witness/witness-command.ts';

const EXIT = { intact: 0, failed: 1, usage: 2, unreadable: 3, reduced: 4 } as const;

function createProgram(): Command {
  const program = new Command('blindsum-audit')
    .description("Checks a federation's public log, trusting neither its coordinator nor its sites")
    .exitOverride();
  program
    .command('fsck')
    .description('rebuild a whole log and check every signature, hash and record in it')
    .argument('<log>', 'folder of the log, or its address (https://...)')
    .option('--vkey <key>', 'the key of the log that you trust, or a file that holds it')
    .option('--ca <file>', "authority of the log's address, besides those that the platform trusts")
    .option('--json', 'print the report as JSON')
    .exitOverride()
    .action(runFsck);
  program
    .command('verify-round')
    .description('check published rounds down to the bytes of the encrypted updates that were summed')
    .argument('<log>', 'folder of the log, or its address (https://...)')
    .requiredOption(
      '--archive <folder>',
      "the coordinator's archive of encrypted updates: <state>/blobs, or a copy",
    )
    .option('--job <name>', 'the job; with --all, only its rounds')
    .option('--round <number>', 'the round')
    .option('--all', 'every published round')
    .option('--vkey <key>', 'the key of the log that you trust, or a file that holds it')
    .option('--ca <file>', "authority of the log's address, besides those that the platform trusts")
    .option('--json', 'print the report as JSON')
    .exitOverride()
    .action(runVerifyRound);
  program
    .command('trail')
    .description('compare what the coordinator says was administered with what the log vouches for')
    .argument('<log>', 'folder of the log, or its address (https://...)')
    .argument('<export>', "what blindsum-coordinator audit-trail export wrote, or the coordinator's route")
    .option('--vkey <key>', 'the key of the log that you trust, or a file that holds it')
    .option('--ca <file>', "authority of the log's address, besides those that the platform trusts")
    .option('--json', 'print the report as JSON')
    .exitOverride()
    .action(runTrail);
  addWitnessCommand(program);
  return program;
}

interface CommonOptions {
  readonly vkey?: string;
  readonly ca?: string;
  readonly json?: boolean;
}

async function runFsck(log: string, options: CommonOptions): Promise<void> {
  const vkey = await toVkey(options);
  const report = await fsck(await openSource(log, options), vkey);
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : toText(report));
  process.exitCode = report.ok ? EXIT.intact : EXIT.failed;
}

async function runTrail(log: string, path: string, options: CommonOptions): Promise<void> {
  const vkey = await toVkey(options);
  const reader = await openSource(log, options);
  const report = await verifyTrail(reader, await readTrail(path), vkey);
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : toTrailText(report));
  process.exitCode = report.ok ? EXIT.intact : EXIT.failed;
}

async function readTrail(path: string): Promise<Uint8Array> {
  return readFile(path).catch((cause: unknown) => {
    throw new Refusal('UNAVAILABLE', `cannot read ${path}`, { cause });
  });
}

async function openSource(log: string, { ca }: CommonOptions): Promise<LogReader> {
  if (ca !== undefined) await trustAuthorityFile(ca, '--ca');
  return openLogReader(log);
}

interface VerifyOptions extends CommonOptions, SelectionOptions {
  readonly archive: string;
}

interface SelectionOptions {
  readonly job?: string;
  readonly round?: string;
  readonly all?: boolean;
}

async function runVerifyRound(log: string, options: VerifyOptions): Promise<void> {
  const selection = toSelection(options);
  const vkey = await toVkey(options);
  const reader = await openSource(log, options);
  const progress = createProgressLine(process.stderr);
  const { show: onProgress } = progress;
  const { archive } = options;
  const report = await verifyRounds({ reader, archive, selection, vkey, onProgress }).finally(progress.clear);
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : toRoundText(report));
  process.exitCode = { ...EXIT, verified: EXIT.intact }[report.verdict];
}

function toSelection({ job, round, all }: SelectionOptions): RoundSelection {
  const isOne = round !== undefined;
  refuseUnless(isOne !== (all === true), 'CONFIG_INVALID', 'give either --round or --all');
  if (!isOne) return job === undefined ? {} : { job: parseJobId(job) };
  if (job === undefined) throw new Refusal('CONFIG_INVALID', '--round needs --job');
  refuseUnless(
    /^(0|[1-9][0-9]{0,6})$/.test(round),
    'CONFIG_INVALID',
    `--round: ${round} is not a round number`,
  );
  return { job: parseJobId(job), round: Number(round) };
}

/** A vkey has two plus signs; anything else is the name of a file that holds one. */
async function toVkey({ vkey: option }: CommonOptions): Promise<string | undefined> {
  if (option === undefined) return undefined;
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
