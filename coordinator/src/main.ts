// blindsum-coordinator: the operator's program.
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { EXIT, MAX_SITES, Refusal, toExitStatus } from '@blindsum/proto';
import { REVOCATION_REASONS } from '@blindsum/proto/tlog';
import { backup, restore, type RestoreOptions } from './commands/backup.ts';
import { exportTrail, verifyTrailFile } from './commands/audit-trail.ts';
import { cancel, jobs, pause, resume } from './commands/jobs.ts';
import { admit, status } from './commands/operator.ts';
import { invitations, invite, revoke, revokeInvitation } from './commands/sites.ts';
import { createKey, listKeys, revokeKey, rotateKey } from './commands/keys.ts';
import { sealKeys } from './commands/seal-keys.ts';
import { validate } from './commands/validate.ts';
import { onConfig, toOutput, type Options } from './main/command.ts';
import {
  addAuthorCommands,
  addLogCommands,
  addReleaseCommands,
  addRosterCommands,
} from './main/federation-commands.ts';
import { addSetupCommands } from './main/setup-commands.ts';
import { VERSION } from './version.ts';

type ValidateOptions = Pick<Options, 'sites' | 'json'> & { readonly config?: string };

/** The program with all its commands. */
export function createProgram(): Command {
  const program = new Command('blindsum-coordinator')
    .description('Coordinates federated learning over updates it cannot read.')
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error: /, 'blindsum-coordinator: USAGE: ')),
    });
  onConfig(program, 'serve')
    .description('run the coordinator until SIGTERM')
    .option('--bootstrap-key <file>', "at the first start: a new file for the first operator's API key")
    .action(async ({ config, bootstrapKey }: Options & { readonly bootstrapKey?: string }) => {
      // Loaded when needed: the other commands answer sooner without the whole server.
      const { serve } = await import('./commands/serve.ts');
      await serve(config, { bootstrapKeyFile: bootstrapKey });
    });
  onConfig(program, 'admit <request.json>')
    .description('admit the site of a request file, and write the grant file that it needs')
    .requiredOption('--out <grant.json>', 'where to write the grant')
    .option('--json', 'print JSON')
    .action((request: string, options: Options) =>
      admit(options.config, { request, grant: options.out }, toOutput(options)),
    );
  addSiteCommands(program);
  onConfig(program, 'seal-keys')
    .description('encrypt the keys with the passphrase that keys.passphrase names')
    .option('--json', 'print JSON')
    .action((options: Options) => sealKeys(options.config, toOutput(options)));
  onConfig(program, 'status')
    .description('show jobs and sites')
    .option('--json', 'print JSON')
    .action((options: Options) => status(options.config, toOutput(options)));
  addAuthorCommands(program);
  addRosterCommands(program);
  addJobCommands(program);
  addBackupCommands(program);
  addLogCommands(program);
  addReleaseCommands(program);
  addKeyCommands(program.command('keys').description('API keys of operators and auditors'));
  addSetupCommands(program);
  addTrailCommands(program.command('audit-trail').description('what was administered, for auditors'));
  program
    .command('validate <job.yaml>')
    .description('check a job file without submitting it, and say what it costs')
    .option('--sites <n>', 'size of the roster', parseSites, 3)
    .option('--config <coordinator.yaml>', 'configuration of a coordinator whose limits the job is to keep')
    .option('--json', 'print JSON')
    .action((job: string, { sites, config, ...options }: ValidateOptions) =>
      validate(job, { sites, configPath: config }, toOutput(options)),
    );
  return program;
}

type InviteFlags = Options & { readonly expires: string; readonly replace?: boolean };

function addSiteCommands(program: Command): void {
  onConfig(program, 'invite <site>')
    .description('print a one-time token with which the site enrols by itself')
    .option('--expires <time>', 'how long it may be used: 30m, 24h, 7d', '24h')
    .option('--replace', 'the site may take the place of an admitted or revoked one of that name')
    .option('--json', 'print JSON')
    .action((site: string, options: InviteFlags) => {
      const { expires, replace: replaces = false } = options;
      return invite(options.config, { site, expires, replaces }, toOutput(options));
    });
  onConfig(program, 'invitations')
    .description('show invitations, or end one')
    .option('--revoke <id>', 'end this one, used or not')
    .option('--json', 'print JSON')
    .action((options: Options & { readonly revoke?: string }) =>
      options.revoke === undefined
        ? invitations(options.config, toOutput(options))
        : revokeInvitation(options.config, options.revoke, toOutput(options)),
    );
  onConfig(program, 'revoke <site>')
    .description('keep a site out, from its next call on')
    .addOption(
      new Option('--reason <code>', 'why; goes into the log')
        .choices([...REVOCATION_REASONS])
        .default('unspecified'),
    )
    .option('--json', 'print JSON')
    .action((site: string, options: Options) =>
      revoke(options.config, { site, reason: options.reason }, toOutput(options)),
    );
}

function addJobCommands(program: Command): void {
  onConfig(program, 'jobs')
    .description('show jobs: their rounds, and who waits in the queue')
    .option('--json', 'print JSON')
    .action((options: Options) => jobs(options.config, toOutput(options)));
  onConfig(program, 'pause <job>')
    .description('pause a job once its round has ended')
    .option('--json', 'print JSON')
    .action((job: string, options: Options) => pause(options.config, job, toOutput(options)));
  onConfig(program, 'resume <job>')
    .description('go on with a paused job, once there is a place for it')
    .option('--json', 'print JSON')
    .action((job: string, options: Options) => resume(options.config, job, toOutput(options)));
  onConfig(program, 'cancel <job>')
    .description('end a job for good; a round that goes on fails')
    .option('--reason <text>', 'why, in one line; sites are told', 'by the operator')
    .option('--json', 'print JSON')
    .action((job: string, options: Options) =>
      cancel(options.config, { job, reason: options.reason }, toOutput(options)),
    );
}

interface KeyFlags extends Omit<Options, 'out'> {
  readonly name: string;
  readonly scope: string;
  readonly expires?: string;
  readonly overlap: string;
  readonly out?: string;
}

function addKeyCommands(keys: Command): void {
  onConfig(keys, 'create')
    .description('make a key; its credential is shown once')
    .requiredOption('--name <name>', 'who or what it is for')
    .requiredOption('--scope <scope>', 'operator, auditor or read')
    .option('--expires <time>', 'when it ends: 90d, 24h, 30m; never unless given')
    .option('--out <file>', 'a new file for the credential, instead of showing it')
    .option('--json', 'print JSON')
    .action((options: KeyFlags) => createKey(options.config, options, toOutput(options)));
  onConfig(keys, 'list')
    .description('show every key, without any credential')
    .option('--json', 'print JSON')
    .action((options: KeyFlags) => listKeys(options.config, toOutput(options)));
  onConfig(keys, 'rotate <key>')
    .description('give a key another credential')
    .option('--overlap <time>', 'how long the credential before stays good', '24h')
    .option('--out <file>', 'a new file for the credential, instead of showing it')
    .option('--json', 'print JSON')
    .action((key: string, options: KeyFlags) =>
      rotateKey(options.config, { ...options, key }, toOutput(options)),
    );
  onConfig(keys, 'revoke <key>')
    .description('end a key at once')
    .option('--json', 'print JSON')
    .action((key: string, options: KeyFlags) => revokeKey(options.config, key, toOutput(options)));
}

interface TrailFlags extends Pick<Options, 'config' | 'json'> {
  readonly out?: string;
  readonly log?: string;
}

function addTrailCommands(trail: Command): void {
  onConfig(trail, 'export')
    .description('write down every administrative action there was, one JSON document to a line')
    .option('--out <file>', 'where to, instead of printing it')
    .option('--json', 'print JSON')
    .action((options: TrailFlags) => exportTrail(options.config, options.out, toOutput(options)));
  onConfig(trail, 'verify <file>')
    .description('compare an export with the log')
    .option('--log <log>', 'folder or address of the log; that of the coordinator unless given')
    .option('--json', 'print JSON')
    .action((file: string, options: TrailFlags) =>
      verifyTrailFile(options.config, { file, log: options.log }, toOutput(options)),
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
    .action((options: Options) => backup(options.config, options.out, toOutput(options)));
  onConfig(program, 'restore <folder>')
    .description('put a backup where the state directory was, unless the published log is ahead of it')
    .option('--published <copies...>', 'copies of the published log to compare with, folders or addresses')
    .option(
      '--end-open-jobs',
      'if the published log is ahead: take it over, and cancel the jobs that were open',
    )
    .option('--no-published-log', 'there is no copy of the published log left; this is written down')
    .option('--json', 'print JSON')
    .action((from: string, options: RestoreFlags) =>
      restore(options.config, toRestore(from, options), toOutput(options)),
    );
}

function toRestore(from: string, flags: RestoreFlags): RestoreOptions {
  const { published: sources = [], publishedLog, endOpenJobs = false } = flags;
  const published = sources.length === 0 && !publishedLog ? 'none' : { sources };
  return { from, published, endOpenJobs };
}

function parseSites(text: string): number {
  const sites = Number(text);
  if (/^[0-9]+$/.test(text) && sites >= 2 && sites <= MAX_SITES) return sites;
  throw new InvalidArgumentError(`expected 2 to ${MAX_SITES}`);
}

/** One line for people, and the exit status (docs/commands.md). */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const line = error instanceof Refusal ? error.message : `INTERNAL: ${describe(error)}`;
  process.stderr.write(`blindsum-coordinator: ${line}\n`);
  return error instanceof Refusal ? toExitStatus(error.code) : EXIT.failed;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

if (import.meta.main) {
  try {
    await createProgram().parseAsync();
  } catch (error) {
    process.exitCode = report(error);
  }
}
