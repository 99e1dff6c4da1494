// Commands about who takes part, what is asked of them, and what the log says of it: authors, their jobs, the roster, records.
import { InvalidArgumentError, type Command } from 'commander';
import { Refusal } from '@blindsum/proto/command-line';
import type { Submittal } from '../commands/submit.ts';
import { onCoordinator, toOutput, toTarget, type Options } from './command.ts';

const loadAuthor = () => import('../commands/author.ts');
const loadLog = () => import('../commands/log.ts');
const loadReleases = () => import('../commands/releases.ts');
const loadRoster = () => import('../commands/roster.ts');
const loadSubmit = () => import('../commands/submit.ts');

type SubmitOptions = Options & { readonly authorKey?: string; readonly signed?: string };

export function addSubmit(program: Command): void {
  onCoordinator(program, 'submit [job.yaml]')
    .description('submit a job, signed by its author, to the sites of the roster')
    .option('--author-key <file>', "the author's key, with which the job's manifest is signed here")
    .option('--signed <signed.json>', 'the manifest as its author signed it elsewhere, instead of a job file')
    .option('--json', 'print JSON')
    .action(async (job: string | undefined, options: SubmitOptions) =>
      (await loadSubmit()).submit(toTarget(options), toSubmittal(job, options), toOutput(options)),
    );
}

export function addAuthorCommands(program: Command): void {
  addSubmit(program);
  onCoordinator(program, 'manifest <job.yaml>')
    .description('write the manifest of a job file, for an author who signs it elsewhere')
    .requiredOption('--author <author.pub>', "the public half of the author's key")
    .requiredOption('--out <manifest.json>', 'where to write it')
    .option('--json', 'print JSON')
    .action(async (job: string, options: Options & { author: string }) =>
      (await loadSubmit()).writeManifest(
        toTarget(options),
        { job, author: options.author, out: options.out },
        toOutput(options),
      ),
    );
  const author = program.command('author').description('the key of a job’s author, and what it signs');
  author
    .command('keygen')
    .description('make a key; its fingerprint is what sites write into their policies')
    .requiredOption('--name <name>', 'the author, as sites will read it')
    .requiredOption('--out <file>', 'where to write the key; its public half goes beside it, to <file>.pub')
    .option('--json', 'print JSON')
    .action(async (options: Options & { name: string }) =>
      (await loadAuthor()).authorKeygen(options, toOutput(options)),
    );
  author
    .command('sign <manifest.json>')
    .description('sign a manifest that was made with the public half of the key')
    .requiredOption('--author-key <file>', 'the key')
    .requiredOption('--out <signed.json>', 'where to write the signed manifest, for: submit --signed')
    .option('--json', 'print JSON')
    .action(async (manifest: string, { authorKey, out, ...options }: Options & { authorKey: string }) =>
      (await loadAuthor()).authorSign({ manifest, authorKey, out }, toOutput(options)),
    );
}

function toSubmittal(job: string | undefined, { authorKey, signed }: SubmitOptions): Submittal {
  if (job !== undefined && authorKey !== undefined && signed === undefined) return { job, authorKey };
  if (job === undefined && authorKey === undefined && signed !== undefined) return { signed };
  throw new Refusal('CONFIG_INVALID', 'give a job file with --author-key, or --signed alone');
}

export function addLogCommands(program: Command): void {
  const log = program.command('log').description('the public log');
  onCoordinator(log, 'redact <record>')
    .description('erase what a record says, for good; its entry, with its hash, stays, and another says why')
    .requiredOption('--reason <text>', 'why, in one line, which everybody can read')
    .option('--json', 'print JSON')
    .action(async (record: string, { reason, ...options }: Options) =>
      (await loadLog()).redact(toTarget(options), { record, reason }, toOutput(options)),
    );
}

export function addReleaseCommands(program: Command): void {
  const releases = program.command('releases').description('models that sites make public by their votes');
  onCoordinator(releases, 'list')
    .description('show every model about which a site has voted')
    .option('--json', 'print JSON')
    .action(async (options: Options) =>
      (await loadReleases()).listReleases(toTarget(options), toOutput(options)),
    );
  onCoordinator(releases, 'show <job>')
    .description('show who voted, who is against it and why, and where the file is from')
    .requiredOption('--round <n>', 'the round that gave the model', parseRound)
    .option('--json', 'print JSON')
    .action(async (job: string, { round, ...options }: Options & { round: number }) =>
      (await loadReleases()).showRelease(toTarget(options), { job, round }, toOutput(options)),
    );
}

export function addRosterCommands(program: Command): void {
  const roster = program
    .command('roster')
    .description('the members of the federation, as they approve each other');
  onCoordinator(roster, 'propose')
    .description('propose the sites admitted so far as the next roster; their approval adopts it')
    .option('--replace', 'also in the place of a proposal that sites have approved')
    .option('--json', 'print JSON')
    .option('--wait <seconds>', 'wait that long for it to be adopted', parseSeconds, 0)
    .action(async ({ replace = false, wait, ...options }: Options & { replace?: boolean; wait: number }) =>
      (await loadRoster()).proposeRoster(
        toTarget(options),
        { replace, waitSeconds: wait },
        toOutput(options),
      ),
    );
  onCoordinator(roster, 'show')
    .description('show the roster, the proposed one, and whose approval that waits for')
    .option('--json', 'print JSON')
    .action(async (options: Options) =>
      (await loadRoster()).showRoster(toTarget(options), toOutput(options)),
    );
}

export function parseRound(text: string): number {
  if (/^(0|[1-9][0-9]{0,6})$/.test(text)) return Number(text);
  throw new InvalidArgumentError('expected the number of a round, 0 or more');
}

function parseSeconds(text: string): number {
  if (/^[0-9]{1,7}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('expected a whole number of seconds');
}
