// blindsum-audit trail: what a coordinator says was administered.
import type { Command } from 'commander';
import { toTrailText, verifyTrail } from '../verify-trail.ts';
import { EXIT } from '@blindsum/proto';
import {
  addLogOptions,
  LOG_ARGUMENT,
  openSource,
  printReport,
  readNamedFile,
  toExample,
  toVkey,
  type LogOptions,
} from './log-command.ts';

export function addTrailCommand(program: Command): void {
  const command = program
    .command('trail')
    .description('compare what the coordinator says was administered with what the log vouches for')
    .argument('<log>', LOG_ARGUMENT)
    .argument('<export>', "what blindsum-coordinator audit-trail export wrote, or the coordinator's route")
    .addHelpText('after', toExample('trail https://coordinator.example.org:7480/log trail.jsonl'))
    .exitOverride()
    .action(run);
  addLogOptions(command);
}

async function run(log: string, path: string, options: LogOptions): Promise<void> {
  const vkey = await toVkey(options);
  const reader = await openSource(log, options);
  const report = await verifyTrail(reader, await readNamedFile(path), vkey);
  printReport('trail', report, { json: options.json, text: toTrailText(report) });
  process.exitCode = report.ok ? EXIT.ok : EXIT.failed;
}
