// Commands about jobs: under `jobs`, and those of every day also by themselves.
import { InvalidArgumentError, type Command } from 'commander';
import { MAX_SITES } from '@blindsum/proto/command-line';
import {
  DEFAULT_CONFIG,
  onCoordinator,
  toOutput,
  toTarget,
  type Options,
  type TargetOptions,
} from './command.ts';
import { addSubmit, parseRound } from './federation-commands.ts';

const loadJobs = () => import('../commands/jobs.ts');
const loadValidate = () => import('../commands/validate.ts');
const loadViews = () => import('../commands/views.ts');
const loadWatch = () => import('../commands/watch.ts');

interface ValidateOptions extends Pick<Options, 'json'>, Omit<TargetOptions, 'config'> {
  readonly sites?: number;
  readonly config?: string;
  readonly ask?: boolean;
}

export function addJobGroup(program: Command): void {
  const group = program.command('jobs').description('jobs: without another word, all of them');
  onCoordinator(group, 'list', { isDefault: true })
    .description('show jobs: their rounds, and who waits in the queue')
    .option('--json', 'print JSON')
    // What commander hands to it is a command that there is not.
    .allowExcessArguments()
    .action(async (options: Options, { args: [unknown] }: Command) => {
      if (unknown !== undefined) group.error(`error: unknown command '${unknown}'`);
      return (await loadJobs()).jobs(toTarget(options), toOutput(options));
    });
  onCoordinator(group, 'show <job>')
    .description('show a job, its members and their consents')
    .option('--json', 'print JSON')
    .action(async (job: string, options: Options) =>
      (await loadViews()).showJob(toTarget(options), job, toOutput(options)),
    );
  onCoordinator(group, 'watch <job>')
    .description('show a job as it goes on, until it ends: bars on a terminal, lines elsewhere')
    .option('--json', 'print each event as one JSON document to a line')
    .action(async (job: string, options: Options) => {
      const screen = {
        columns: process.stdout.isTTY ? process.stdout.columns : undefined,
        write: (text: string) => void process.stdout.write(text),
      };
      process.exitCode = await (
        await loadWatch()
      ).watchJob(toTarget(options), job, { output: toOutput(options), screen });
    });
  addRounds(group);
  addSubmit(group);
  addValidate(group);
  addJobCommands(group);
}

export function addRounds(program: Command): void {
  onCoordinator(program, 'rounds <job>')
    .description('show the rounds of a job: who contributed, who was left out, and why one failed')
    .option('--round <n>', 'every attempt of this round', parseRound)
    .option('--json', 'print JSON')
    .action(async (job: string, options: Options & { readonly round?: number }) =>
      (await loadViews()).listRounds(toTarget(options), { job, round: options.round }, toOutput(options)),
    );
}

export function addValidate(program: Command): void {
  program
    .command('validate <job.yaml>')
    .description('check a job file without submitting it, and say what it costs')
    .option('--sites <n>', 'size of the roster; 3 unless given', parseSites)
    .option('--config <coordinator.yaml>', 'configuration of a coordinator whose limits the job is to keep')
    .option('--ask', 'have the running coordinator check it, for the roster that it has')
    .option('--server <url>', 'the same of a coordinator elsewhere, https://host:port')
    .option('--api-key-file <file>', 'with --server: the file that holds an API key')
    .option('--ca <file>', 'with --server: the authority of its certificate, identity/authority.pem there')
    .option('--json', 'print JSON')
    .action(async (job: string, options: ValidateOptions) => {
      const { sites, config, ask = false, server, apiKeyFile, ca } = options;
      const isAsked = ask || [server, apiKeyFile, ca].some((value) => value !== undefined);
      const target = isAsked ? toTarget({ ...options, config: config ?? DEFAULT_CONFIG }) : undefined;
      return (await loadValidate()).validate(job, { sites, configPath: config, target }, toOutput(options));
    });
}

export function addJobCommands(program: Command): void {
  onCoordinator(program, 'pause <job>')
    .description('pause a job once its round has ended')
    .option('--json', 'print JSON')
    .action(async (job: string, options: Options) =>
      (await loadJobs()).pause(toTarget(options), job, toOutput(options)),
    );
  onCoordinator(program, 'resume <job>')
    .description('go on with a paused job, once there is a place for it')
    .option('--json', 'print JSON')
    .action(async (job: string, options: Options) =>
      (await loadJobs()).resume(toTarget(options), job, toOutput(options)),
    );
  onCoordinator(program, 'cancel <job>')
    .description('end a job for good; a round that goes on fails')
    .option('--reason <text>', 'why, in one line; sites are told', 'by the operator')
    .option('--json', 'print JSON')
    .action(async (job: string, options: Options) =>
      (await loadJobs()).cancel(toTarget(options), { job, reason: options.reason }, toOutput(options)),
    );
}

function parseSites(text: string): number {
  const sites = Number(text);
  if (/^[0-9]+$/.test(text) && sites >= 2 && sites <= MAX_SITES) return sites;
  throw new InvalidArgumentError(`expected 2 to ${MAX_SITES}`);
}
