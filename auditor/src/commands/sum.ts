// blindsum-audit sum: published rounds, down to the bytes of the encrypted updates.
import { parseJobId, Refusal, refuseUnless } from '@blindsum/proto';
import type { Command } from 'commander';
import { STATUS_OF_VERDICT } from './exit-status.ts';
import { createProgressLine } from '../progress-line.ts';
import { toRoundText } from '../round-text.ts';
import { verifyRounds, type RoundSelection } from '../verify-rounds.ts';
import {
  addLogOptions,
  LOG_ARGUMENT,
  openSource,
  printReport,
  toExample,
  toRound,
  toVkey,
  type LogOptions,
} from './log-command.ts';

interface SumOptions extends LogOptions {
  readonly archive: string;
  readonly job?: string;
  readonly round?: string;
  readonly all?: boolean;
}

export function addSumCommand(program: Command): void {
  const command = program
    .command('sum')
    .alias('verify-round')
    .description('check published rounds down to the bytes of the encrypted updates that were summed')
    .argument('<log>', LOG_ARGUMENT)
    .argument('[job]', 'the job; with --all, only its rounds')
    .argument('[round]', 'the round')
    .requiredOption(
      '--archive <folder>',
      "the coordinator's archive of encrypted updates: <state>/blobs, or a copy",
    )
    .option('--job <name>', 'the same as [job]')
    .option('--round <number>', 'the same as [round]')
    .option('--all', 'every published round')
    .addHelpText('after', toExample('sum state/log readmission 7 --archive state/blobs --vkey log.vkey'))
    .exitOverride()
    .action(run);
  addLogOptions(command);
}

async function run(
  log: string,
  job: string | undefined,
  round: string | undefined,
  options: SumOptions,
): Promise<void> {
  const selection = toSelection(
    { job: job ?? options.job, round: round ?? options.round },
    options.all === true,
  );
  const vkey = await toVkey(options);
  const reader = await openSource(log, options);
  const progress = createProgressLine(process.stderr);
  const { show: onProgress } = progress;
  const { archive } = options;
  const report = await verifyRounds({ reader, archive, selection, vkey, onProgress }).finally(progress.clear);
  printReport('sum', report, { json: options.json, text: toRoundText(report) });
  process.exitCode = STATUS_OF_VERDICT[report.verdict];
}

function toSelection(
  { job, round }: { readonly job: string | undefined; readonly round: string | undefined },
  isAll: boolean,
): RoundSelection {
  const isOne = round !== undefined;
  refuseUnless(isOne !== isAll, 'CONFIG_INVALID', 'give either a round or --all');
  if (!isOne) return job === undefined ? {} : { job: parseJobId(job) };
  if (job === undefined) throw new Refusal('CONFIG_INVALID', 'a round needs its job');
  return toRound(job, round);
}
