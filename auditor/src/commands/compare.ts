// blindsum-audit compare: whether two places show one log.
import type { Command } from 'commander';
import { compareLogs } from '../compare-logs.ts';
import { toCompareText } from '../compare-text.ts';
import { EXIT } from '@blindsum/proto';
import {
  addLogOptions,
  LOG_ARGUMENT,
  openSource,
  printReport,
  toExample,
  toVkey,
  type LogOptions,
} from './log-command.ts';

export function addCompareCommand(program: Command): void {
  const command = program
    .command('compare')
    .description('find out whether a log shows one history to two people, or in two places')
    .argument('<log>', LOG_ARGUMENT)
    .argument('<other>', 'another address of it, or a folder that somebody else has copied')
    .addHelpText('after', toExample('compare https://coordinator.example.org:7480/log copy-of-a-site/log'))
    .exitOverride()
    .action(run);
  addLogOptions(command);
}

async function run(log: string, other: string, options: LogOptions): Promise<void> {
  const vkey = await toVkey(options);
  const report = await compareLogs(await openSource(log, options), await openSource(other, options), vkey);
  printReport('compare', report, { json: options.json, text: toCompareText(report) });
  process.exitCode = report.ok ? EXIT.ok : EXIT.failed;
}
