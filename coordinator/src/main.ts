// blindsum-coordinator: the operator's program.
import { Command } from 'commander';
import { completionFor, runProgram, SAYS_NO_ERROR } from '@blindsum/proto/command-line';
import type { RestoreOptions } from './commands/backup.ts';
import {
  onConfig,
  onCoordinator,
  toOutput,
  toTarget,
  type Options,
  type TargetOptions,
} from './main/command.ts';
import {
  addAuthorCommands,
  addLogCommands,
  addReleaseCommands,
  addRosterCommands,
} from './main/federation-commands.ts';
import { addJobCommands, addJobGroup, addValidate } from './main/job-commands.ts';
import { FAILURE_RULES } from './main/failure-rules.ts';
import { addServe, addSetupCommands } from './main/setup-commands.ts';
import { addSiteCommands, addSiteGroup } from './main/site-commands.ts';
import { addViewCommands } from './main/view-commands.ts';
import type { TrailFilter } from './commands/trail-view.ts';
import { VERSION } from './version.ts';

const loadBackup = () => import('./commands/backup.ts');
const loadAuditTrail = () => import('./commands/audit-trail.ts');
const loadOperator = () => import('./commands/operator.ts');
const loadKeys = () => import('./commands/keys.ts');
const loadSealKeys = () => import('./commands/seal-keys.ts');
const loadTrailView = () => import('./commands/trail-view.ts');

/** The program with all its commands. */
export function createProgram(): Command {
  const program = new Command('blindsum-coordinator')
    .description('Coordinates federated learning over updates it cannot read.')
    .version(VERSION)
    .exitOverride()
    .configureOutput(SAYS_NO_ERROR);
  addServe(program);
  onCoordinator(program, 'admit <request.json>')
    .description('admit the site of a request file, and write the grant file that it needs')
    .requiredOption('--out <grant.json>', 'where to write the grant')
    .option('--json', 'print JSON')
    .action(async (request: string, options: Options) =>
      (await loadOperator()).admit(toTarget(options), { request, grant: options.out }, toOutput(options)),
    );
  addSiteCommands(program);
  addSiteGroup(program);
  onConfig(program, 'seal-keys')
    .description('encrypt the keys with the passphrase that keys.passphrase names')
    .option('--json', 'print JSON')
    .action(async (options: Options) => (await loadSealKeys()).sealKeys(options.config, toOutput(options)));
  onCoordinator(program, 'status')
    .description('show jobs and sites')
    .option('--json', 'print JSON')
    .action(async (options: Options) => (await loadOperator()).status(toTarget(options), toOutput(options)));
  addAuthorCommands(program);
  addRosterCommands(program);
  addJobGroup(program);
  addJobCommands(program);
  addViewCommands(program);
  addBackupCommands(program);
  addLogCommands(program);
  addReleaseCommands(program);
  addKeyCommands(program.command('keys').description('API keys of operators and auditors'));
  addSetupCommands(program);
  addTrailCommands(program.command('audit-trail').description('what was administered, for auditors'));
  addValidate(program);
  program
    .command('completion [shell]')
    .description('print the completion for bash, zsh or fish')
    .option('--json', 'print the commands and options that it is made from instead')
    .action((shell: string | undefined, { json }: Pick<Options, 'json'>) => {
      process.stdout.write(completionFor(program, { shell, json }));
    });
  return program;
}

interface KeyFlags extends Omit<Options, 'out'> {
  readonly name: string;
  readonly scope: string;
  readonly expires?: string;
  readonly overlap: string;
  readonly out?: string;
}

function addKeyCommands(keys: Command): void {
  onCoordinator(keys, 'create')
    .description('make a key; its credential is shown once')
    .requiredOption('--name <name>', 'who or what it is for')
    .requiredOption('--scope <scope>', 'operator, auditor or read')
    .option('--expires <time>', 'when it ends: 90d, 24h, 30m; never unless given')
    .option('--out <file>', 'a new file for the credential, instead of showing it')
    .option('--json', 'print JSON')
    .action(async (options: KeyFlags) =>
      (await loadKeys()).createKey(toTarget(options), options, toOutput(options)),
    );
  onCoordinator(keys, 'list')
    .description('show every key, without any credential')
    .option('--json', 'print JSON')
    .action(async (options: KeyFlags) => (await loadKeys()).listKeys(toTarget(options), toOutput(options)));
  onCoordinator(keys, 'rotate <key>')
    .description('give a key another credential')
    .option('--overlap <time>', 'how long the credential before stays good', '24h')
    .option('--out <file>', 'a new file for the credential, instead of showing it')
    .option('--json', 'print JSON')
    .action(async (key: string, options: KeyFlags) =>
      (await loadKeys()).rotateKey(toTarget(options), { ...options, key }, toOutput(options)),
    );
  onCoordinator(keys, 'revoke <key>')
    .description('end a key at once')
    .option('--json', 'print JSON')
    .action(async (key: string, options: KeyFlags) =>
      (await loadKeys()).revokeKey(toTarget(options), key, toOutput(options)),
    );
}

interface TrailFlags extends Pick<Options, 'json'>, TargetOptions {
  readonly out?: string;
  readonly log?: string;
}

function addTrailCommands(trail: Command): void {
  onCoordinator(trail, 'export')
    .description('write down every administrative action there was, one JSON document to a line')
    .option('--out <file>', 'where to, instead of printing it')
    .option('--json', 'print JSON')
    .action(async (options: TrailFlags) =>
      (await loadAuditTrail()).exportTrail(toTarget(options), options.out, toOutput(options)),
    );
  onCoordinator(trail, 'list')
    .description('show entries, the newest first')
    .option('--action <action>', 'only these: job.cancel, or the beginning of one: job')
    .option('--actor <name>', 'only of this user, key or person')
    .option('--limit <n>', 'how many at most, up to 200', '50')
    .option('--json', 'print JSON')
    .action(async (options: TrailFlags & TrailFilter & { readonly limit: string }) =>
      (await loadTrailView()).listTrail(toTarget(options), options, toOutput(options)),
    );
  onConfig(trail, 'verify <file>')
    .description('compare an export with the log')
    .option('--log <log>', 'folder or address of the log; that of the coordinator unless given')
    .option('--json', 'print JSON')
    .action(async (file: string, options: TrailFlags) =>
      (await loadAuditTrail()).verifyTrailFile(options.config, { file, log: options.log }, toOutput(options)),
    );
}

interface RestoreFlags extends Options {
  readonly published?: readonly string[];
  /** False if it was said that there is none. */
  readonly publishedLog: boolean;
  readonly endOpenJobs?: boolean;
}

function addBackupCommands(program: Command): void {
  onConfig(program, 'backup')
    .description('copy the state of a coordinator, running or stopped, into a new folder')
    .requiredOption('--out <folder>', 'folder to be made; it will hold the keys of the federation')
    .option('--json', 'print JSON')
    .action(async (options: Options) =>
      (await loadBackup()).backup(options.config, options.out, toOutput(options)),
    );
  onConfig(program, 'restore <folder>')
    .description('put a backup where the state directory was, unless the published log is ahead of it')
    .option('--published <copies...>', 'copies of the published log to compare with, folders or addresses')
    .option(
      '--end-open-jobs',
      'if the published log is ahead: take it over, and cancel the jobs that were open',
    )
    .option('--no-published-log', 'there is no copy of the published log left; this is written down')
    .option('--json', 'print JSON')
    .action(async (from: string, options: RestoreFlags) =>
      (await loadBackup()).restore(options.config, toRestore(from, options), toOutput(options)),
    );
}

function toRestore(from: string, flags: RestoreFlags): RestoreOptions {
  const { published: sources = [], publishedLog, endOpenJobs = false } = flags;
  const published = sources.length === 0 && !publishedLog ? 'none' : { sources };
  return { from, published, endOpenJobs };
}

if (import.meta.main) await runProgram(createProgram(), FAILURE_RULES);
