// The auditor's program: each command in a file of commands/, what it ends with in commands/exit-status.ts, what
// it says of a command that was given up in commands/failure-rules.ts.
import { Command } from 'commander';
import { completionFor, runProgram, SAYS_NO_ERROR } from '@blindsum/proto/command-line';
import { FAILURE_RULES } from './commands/failure-rules.ts';
import { toExample } from './commands/log-command.ts';
import { addCompareCommand } from './commands/compare.ts';
import { addExportCommand } from './commands/export.ts';
import { addFsckCommand } from './commands/fsck.ts';
import { addMonitorCommand } from './commands/monitor.ts';
import { addRoundCommand } from './commands/round.ts';
import { addSumCommand } from './commands/sum.ts';
import { addTrailCommand } from './commands/trail.ts';
import { addVerifyCommand } from './commands/verify.ts';
import { VERSION } from './version.ts';
import { addWitnessCommand } from './witness/witness-command.ts';

const COMMANDS = [
  addVerifyCommand,
  addFsckCommand,
  addMonitorCommand,
  addRoundCommand,
  addSumCommand,
  addCompareCommand,
  addExportCommand,
  addTrailCommand,
  addWitnessCommand,
];

/** The program with all its commands. */
export function createProgram(): Command {
  const program = new Command('blindsum-audit')
    .description("Checks a federation's public log, trusting neither its coordinator nor its sites")
    .version(VERSION)
    .exitOverride()
    .configureOutput(SAYS_NO_ERROR);
  for (const add of COMMANDS) add(program);
  program
    .command('completion [shell]')
    .description('print the completion for bash, zsh or fish')
    .addHelpText('after', toExample('completion bash'))
    .option('--json', 'print the commands and options that it is made from instead')
    .action((shell: string | undefined, { json }: { readonly json?: true }) => {
      process.stdout.write(completionFor(program, { shell, json }));
    });
  return program;
}

if (import.meta.main) await runProgram(createProgram(), FAILURE_RULES);
