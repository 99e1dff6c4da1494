// blindsum-audit fsck: the whole of a log.
import type { Command } from 'commander';
import { fsck } from '../fsck.ts';
import { createProgressLine } from '../progress-line.ts';
import { toText } from '../report.ts';
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

export function addFsckCommand(program: Command): void {
  const command = program
    .command('fsck')
    .description('rebuild a whole log and check every signature, hash and record in it')
    .argument('<log>', LOG_ARGUMENT)
    .addHelpText('after', toExample('fsck https://coordinator.example.org:7480/log --vkey log.vkey'))
    .exitOverride()
    .action(run);
  addLogOptions(command);
}

async function run(log: string, options: LogOptions): Promise<void> {
  const vkey = await toVkey(options);
  const reader = await openSource(log, options);
  const progress = createProgressLine(process.stderr);
  const onEntry = (done: number, total: number) => progress.show('the log', done, total);
  const report = await fsck(reader, vkey, onEntry).finally(progress.clear);
  printReport('fsck', report, { json: options.json, text: toText(report) });
  process.exitCode = report.ok ? EXIT.ok : EXIT.failed;
}
