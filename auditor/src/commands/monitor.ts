// blindsum-audit monitor: whether a log goes on from what it showed, and what has come since.
import { setTimeout as sleep } from 'node:timers/promises';
import { Refusal, refuseUnless } from '@blindsum/proto';
import type { Command } from 'commander';
import type { LogReader } from '../log-reader.ts';
import { LogMonitor, type MonitorReport } from '../monitor/log-monitor.ts';
import { readMonitorState, writeMonitorState } from '../monitor/monitor-state.ts';
import { toMonitorText } from '../monitor/monitor-text.ts';
import { createProgressLine } from '../progress-line.ts';
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

interface MonitorOptions extends LogOptions {
  readonly state: string;
  readonly watch?: string;
}

export function addMonitorCommand(program: Command): void {
  const command = program
    .command('monitor')
    .description('find out whether a log goes on from what it showed before, and what in it needs a look')
    .argument('<log>', LOG_ARGUMENT)
    .requiredOption('--state <file>', 'where it remembers what it has seen; one file for each log')
    .option('--watch <seconds>', 'look again and again, until it is stopped')
    .addHelpText(
      'after',
      toExample('monitor https://coordinator.example.org:7480/log --state log.state --watch 300'),
    )
    .exitOverride()
    .action(run);
  addLogOptions(command);
}

async function run(log: string, options: MonitorOptions): Promise<void> {
  const pauseSeconds = toPause(options.watch);
  const vkey = await toVkey(options);
  const state = await readMonitorState(options.state);
  const isOther = state !== undefined && vkey !== undefined && vkey !== state.vkey;
  refuseUnless(!isOther, 'CONFIG_INVALID', '--vkey: the state is about a log of another key');
  const reader = await openSource(log, options);
  if (pauseSeconds === undefined) return lookOnce({ monitor: new LogMonitor(), reader, vkey, options });
  await watch({ monitor: new LogMonitor(), reader, vkey, options }, pauseSeconds);
}

function toPause(option: string | undefined): number | undefined {
  if (option === undefined) return undefined;
  refuseUnless(
    /^[1-9][0-9]{0,5}$/.test(option),
    'CONFIG_INVALID',
    `--watch: ${option} is no number of seconds`,
  );
  return Number(option);
}

interface Watching {
  readonly monitor: LogMonitor;
  readonly reader: LogReader;
  readonly vkey: string | undefined;
  readonly options: MonitorOptions;
}

/** What is wrong is printed before it is remembered: a monitor that is killed between the two says it twice. */
async function lookOnce({ monitor, reader, vkey, options }: Watching): Promise<void> {
  const before = await readMonitorState(options.state);
  const progress = createProgressLine(process.stderr);
  const onEntry = (done: number, total: number) => progress.show('the log', done, total);
  const { report, state } = await monitor
    .look({ reader, state: before, vkey, onEntry })
    .finally(progress.clear);
  print(report, options);
  if (!report.ok) process.exitCode = EXIT.failed;
  if (state && state !== before) await writeMonitorState(options.state, state);
}

function print(report: MonitorReport, { json, watch: isRepeated }: MonitorOptions): void {
  const isNews = !report.ok || report.size > report.from;
  if (!isRepeated) return printReport('monitor', report, { json, text: toMonitorText(report) });
  const line = JSON.stringify({ schema: 'blindsum-audit/monitor/v1', ...report });
  if (isNews) process.stdout.write(json ? `${line}\n` : toMonitorText(report));
}

/** Goes on where the log cannot be read: that is no verdict, and may be over at the next look. */
async function watch(watching: Watching, pauseSeconds: number): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  while (!stop.signal.aborted) {
    await lookOnce(watching).catch((error: unknown) => {
      if (!(error instanceof Refusal) || error.code !== 'UNAVAILABLE') throw error;
      process.stderr.write(`blindsum-audit: ${error.message}\n`);
    });
    await sleep(pauseSeconds * 1000, undefined, { signal: stop.signal }).catch(() => undefined);
  }
}
