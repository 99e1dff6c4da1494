// blindsum-audit export: a copy of a log to keep.
import { parseJobId } from '@blindsum/proto';
import type { Command } from 'commander';
import { exportLog, type ExportReport } from '../export/export-log.ts';
import { openExportTarget } from '../export/export-target.ts';
import { createProgressLine } from '../progress-line.ts';
import { count, keyAdvice, toLine } from '../report.ts';
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

interface ExportOptions extends LogOptions {
  readonly to: string;
  readonly zip?: boolean;
  readonly job?: string;
}

export function addExportCommand(program: Command): void {
  const command = program
    .command('export')
    .description('check a log and keep a copy of it, with all that other programs need to check it too')
    .argument('<log>', LOG_ARGUMENT)
    .requiredOption('--to <path>', 'folder or file to make')
    .option('--zip', 'make one zip file, which has the same bytes whenever it is made of the same log')
    .option('--job <name>', 'keep the records of this job, and those of no job; with a bundle of each')
    .addHelpText('after', toExample('export https://coordinator.example.org:7480/log --zip --to log.zip'))
    .exitOverride()
    .action(run);
  addLogOptions(command);
}

async function run(log: string, options: ExportOptions): Promise<void> {
  const job = options.job === undefined ? undefined : parseJobId(options.job);
  const vkey = await toVkey(options);
  const reader = await openSource(log, options);
  const target = await openExportTarget(options.to, options.zip === true);
  const progress = createProgressLine(process.stderr);
  const onEntry = (done: number, total: number) => progress.show('the log', done, total);
  try {
    const report = await exportLog({ reader, sink: target.write, job, vkey, onEntry }).finally(
      progress.clear,
    );
    await target.finish();
    printReport('export', report, { json: options.json, text: toText(report, options.to) });
    process.exitCode = report.ok ? EXIT.ok : EXIT.failed;
  } catch (error) {
    await target.drop();
    throw error;
  }
}

function toText(report: ExportReport, path: string): string {
  const { ok, origin, source, size, files, findings } = report;
  const name = `the log ${origin || source}`;
  const first = ok
    ? `EXPORTED: ${name} with ${count(size, 'entry', 'entries')}, which is in order: ${count(files, 'file')} in ${path}.`
    : `FAILED: ${name} is not in order; what there is of it is kept: ${count(files, 'file')} in ${path}.`;
  const lines = [first, ...findings.slice(0, 20).map((one) => `  ${toLine(one)}`), ...keyAdvice(report)];
  return `${lines.join('\n')}\n`;
}
