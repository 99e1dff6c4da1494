// blindsum-site: the command line.
import { Command, InvalidArgumentError, Option } from 'commander';
import { completionFor, runProgram, SAYS_NO_ERROR } from '@blindsum/proto/command-line';
import type { JobId } from '@blindsum/proto';
import type { RequestOptions } from './commands/enrol.ts';
import type { EnrollOptions } from './commands/enroll.ts';
import { command, configOf, parseJobName, printOf, type Common } from './main/command.ts';
import { FAILURE_RULES } from './main/failure-rules.ts';
import { addSetup } from './main/setup-commands.ts';
import { addLog, addRoster } from './main/trust-commands.ts';
import type { ProgressFormat } from './progress-lines.ts';
import { VERSION } from './version.ts';

const loadCheck = () => import('./commands/check.ts');
const loadEnrol = () => import('./commands/enrol.ts');
const loadEnroll = () => import('./commands/enroll.ts');
const loadJobs = () => import('./commands/jobs.ts');
const loadModels = () => import('./commands/models.ts');
const loadPredict = () => import('./commands/predict.ts');
const loadRun = () => import('./commands/run.ts');
const loadStatus = () => import('./commands/status.ts');

/** The program with all its commands. */
export function createProgram(): Command {
  const program = new Command('blindsum-site')
    .description('Takes part in federated jobs with the rows of this site, which never leave it.')
    .version(VERSION)
    .exitOverride()
    .configureOutput(SAYS_NO_ERROR);
  addSetup(program);
  addEnrolment(program);
  addToken(program);
  addRun(program);
  addJobs(program);
  addRoster(program);
  addLog(program);
  addModels(program);
  addRelease(program);
  program
    .command('predict <rows.csv>')
    .description('say what a released model makes of the rows of a file; asks nobody, and sends nothing')
    .requiredOption('--model <folder>', 'the folder with its model.json and model.bin')
    .option('--json', 'machine-readable output, one JSON object a line')
    .action(async (rows: string, options: { model: string; json?: boolean }) =>
      (await loadPredict()).predictRows({ model: options.model, rows }, printOf(options)),
    );
  command(program, 'status', 'what was asked of the rows of this site, what was approved, and what left it')
    .option('--page', 'the address of the local page of the agent that runs, good once (see localPage)')
    .action(async (options: Common & { page?: boolean }) => {
      const [config, print] = [await configOf(options), printOf(options)];
      const { status, statusPage } = await loadStatus();
      await (options.page === true ? statusPage(config, print) : status(config, print));
    });
  command(program, 'check', 'check the configuration and the rows against a job file; sends nothing')
    .requiredOption('--job <file>', 'the job file')
    .addOption(
      new Option(
        '--sites <n>',
        'members the job is planned for; as many as are trusted by default',
      ).argParser(parseCount),
    )
    .action(async (options: Common & { job: string; sites?: number }) => {
      const plan = { job: options.job, sites: options.sites };
      await (await loadCheck()).check(await configOf(options), plan, printOf(options));
    });
  program
    .command('completion [shell]')
    .description('print the completion for bash, zsh or fish')
    .option('--json', 'print the commands and options that it is made from instead')
    .action((shell: string | undefined, { json }: { readonly json?: true }) => {
      process.stdout.write(completionFor(program, { shell, json }));
    });
  return program;
}

function addEnrolment(program: Command): void {
  const requests = {
    keygen: 'make the keys of this site and the request to be let in',
    request: 'write the request again, for keys that exist',
  } as const;
  for (const name of ['keygen', 'request'] as const) {
    command(program, name, requests[name])
      .option('--out <file>', 'where the request goes; <site>.request.json in the state directory by default')
      .option('--certificate <file>', 'the certificate that an authority elsewhere issued for this key')
      .action(async (options: Common & RequestOptions) => {
        const act = (await loadEnrol())[name];
        await act(await configOf(options), options, printOf(options));
      });
  }
  command(program, 'install', 'take in the grant that the operator sent')
    .argument('<grant.json>', "the operator's answer to the request")
    .action(async (grant: string, options: Common) =>
      (await loadEnrol()).install(await configOf(options), grant, printOf(options)),
    );
}

function addToken(program: Command): void {
  command(program, 'enroll', 'make the keys if there are none, and be let in by a one-time token')
    .argument('[token]', 'from the operator; better by --token-file, because shells remember what was typed')
    .option('--token-file <file>', 'a file that holds the token, - for the standard input')
    .option('--certificate <file>', 'the certificate that an authority elsewhere issued for this key')
    .action(async (token: string | undefined, options: Common & EnrollOptions) =>
      (await loadEnroll()).enroll(await configOf(options), { ...options, token }, printOf(options)),
    );
  command(program, 'seal-keys', 'encrypt the keys with the passphrase that keys.passphrase names').action(
    async (options: Common) => (await loadEnrol()).sealKeys(await configOf(options), printOf(options)),
  );
}

function addRun(program: Command): void {
  command(program, 'run', 'take part in the jobs that the policy allows')
    .option('--until-finished <job>', 'take part in this job only, and end with it', parseJobName)
    .addOption(
      new Option('--progress <format>', 'progress on the standard output; the log is on the standard error')
        .choices(['text', 'json', 'none'])
        .default('text'),
    )
    .action(async (options: Common & { progress: ProgressFormat; untilFinished?: JobId }) => {
      const progress = options.json === true ? 'json' : options.progress;
      process.exitCode = await (await loadRun()).run(await configOf(options), { ...options, progress });
    });
}

function addJobs(program: Command): void {
  const jobs = program.command('jobs').description('look at jobs, and decide about them');
  command(jobs, 'list', 'the jobs that the coordinator has for this site').action(async (options: Common) =>
    (await loadJobs()).listJobs(await configOf(options), printOf(options)),
  );
  command(jobs, 'show', 'what a job would do with the rows, and which rule of the policy stops it')
    .argument('<job>', 'its name', parseJobName)
    .action(async (job: JobId, options: Common) =>
      (await loadJobs()).showJob(await configOf(options), job, printOf(options)),
    );
  const decisions = {
    approve: { act: 'approveJob', what: 'let this site take part in a job, as it stands' },
    refuse: { act: 'refuseJob', what: 'keep this site out of a job' },
    withdraw: {
      act: 'withdrawJob',
      what: 'take the consent to a job back, from the next round on and for good',
    },
  } as const;
  for (const [name, { act, what }] of Object.entries(decisions))
    command(jobs, name, what)
      .argument('<job>', 'its name', parseJobName)
      .option('--reason <text>', 'why, in one line; it stays at this site', '')
      .option('--by <name>', 'who decides; the user of this machine by default')
      .action(async (job: JobId, options: Common & { reason: string; by?: string }) => {
        const { reason, by } = options;
        await (await loadJobs())[act](await configOf(options), { job, reason, by }, printOf(options));
      });
}

function addModels(program: Command): void {
  const models = program.command('models').description('the models that this site has computed');
  command(models, 'list', 'the models that this site keeps').action(async (options: Common) =>
    (await loadModels()).listModels(await configOf(options), printOf(options)),
  );
  command(models, 'show', 'a model, and who has voted for it to be public')
    .argument('<job>', 'its name')
    .addOption(roundOption())
    .action(async (job: string, options: Common & { round?: number }) => {
      const named = { job, round: options.round };
      await (await loadModels()).showModel(await configOf(options), named, printOf(options));
    });
}

function addRelease(program: Command): void {
  const release = program.command('release').description('decide about making a model public');
  const decisions = {
    vote: { act: 'voteForModel', what: 'vote for a model to be public; for good, once enough members have' },
    refuse: { act: 'refuseModel', what: 'be against it, and take back a vote that does not count yet' },
  } as const;
  for (const [name, { act, what }] of Object.entries(decisions)) {
    const decision = command(release, name, what).argument('<job>', 'its name').addOption(roundOption());
    const reason = new Option('--reason <text>', 'why, in one line; the operator reads that of a refusal');
    decision
      .addOption(name === 'vote' ? reason.default('') : reason.makeOptionMandatory())
      .option('--by <name>', 'who decides; the user of this machine by default')
      .action(async (job: string, options: Common & { round?: number; reason: string; by?: string }) => {
        const { round, reason: why, by } = options;
        const named = { job, round, reason: why, by };
        await (await loadModels())[act](await configOf(options), named, printOf(options));
      });
  }
}

function roundOption(): Option {
  return new Option('--round <n>', 'the round that gave it; the latest by default').argParser(parseRound);
}

function parseRound(text: string): number {
  if (/^(0|[1-9][0-9]{0,6})$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected the number of a round, 0 or more.');
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 2 || count > 1024)
    throw new InvalidArgumentError('Expected a number from 2 to 1024.');
  return count;
}

if (import.meta.main) await runProgram(createProgram(), FAILURE_RULES);
