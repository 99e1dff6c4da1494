// blindsum-audit round: one round, from the log alone, for people.
import type { Command } from 'commander';
import { STATUS_OF_VERDICT } from './exit-status.ts';
import { toViewText } from '../round-view-text.ts';
import { viewRound } from '../round-view.ts';
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

export function addRoundCommand(program: Command): void {
  const command = program
    .command('round')
    .description('tell of one round what the log says, and whether that is in order')
    .argument('<log>', LOG_ARGUMENT)
    .argument('<job>', 'the job')
    .argument('<round>', 'the number of the round')
    .addHelpText('after', toExample('round https://coordinator.example.org:7480/log readmission 7'))
    .exitOverride()
    .action(run);
  addLogOptions(command);
}

async function run(log: string, job: string, round: string, options: LogOptions): Promise<void> {
  const asked = toRound(job, round);
  const vkey = await toVkey(options);
  const view = await viewRound(await openSource(log, options), asked, vkey);
  printReport('round', view, { json: options.json, text: toViewText(view) });
  process.exitCode = STATUS_OF_VERDICT[view.verdict];
}
