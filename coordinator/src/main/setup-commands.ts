// Commands about the installation itself.
import type { Command } from 'commander';
import { reportFailure } from '@blindsum/proto/command-line';
import { onConfig, toOutput, type Options } from './command.ts';
import { FAILURE_RULES } from './failure-rules.ts';

const loadDoctor = () => import('../commands/doctor.ts');
const loadInit = () => import('../commands/init.ts');
const loadServe = () => import('../commands/serve.ts');

interface InitFlags extends Pick<Options, 'json'> {
  readonly federation: string;
  readonly dir: string;
  readonly advertise?: string;
  readonly listenHttp: string;
  readonly start?: boolean;
}

export function addServe(program: Command): void {
  onConfig(program, 'serve')
    .description('run the coordinator until SIGTERM')
    .option('--bootstrap-key <file>', "at the first start: a new file for the first operator's API key")
    .option('--json', 'once it is ready, print where as JSON; the log is on the standard error as ever')
    .action(async ({ config, bootstrapKey, ...options }: Options & { readonly bootstrapKey?: string }) =>
      (await loadServe()).serve(
        config,
        { bootstrapKeyFile: bootstrapKey, crashed: whenCrashed(options) },
        toOutput(options),
      ),
    );
}

export function addSetupCommands(program: Command): void {
  program
    .command('init')
    .description('write a configuration with every setting, for a federation that is new')
    .requiredOption('--federation <name>', 'its name, like hospitals.example; it cannot be changed later')
    .option('--dir <folder>', 'where to; it is made if need be', '.')
    .option('--advertise <host:port>', 'what sites dial; without it, only sites on this machine can')
    .option('--listen-http <host:port>', 'for operators and auditors', '127.0.0.1:7480')
    .option('--start', "start the federation at once; the first operator's API key goes into operator.key")
    .option('--json', 'print JSON')
    .action(async ({ dir: folder, start = false, advertise, ...flags }: InitFlags) => {
      const { bootstrapKeyFile, init } = await loadInit();
      const config = await init({ ...flags, folder, advertise }, toOutput(flags));
      if (!start) return;
      await (
        await loadServe()
      ).serve(
        config,
        { bootstrapKeyFile: bootstrapKeyFile(folder), crashed: whenCrashed(flags) },
        toOutput(flags),
      );
    });
  onConfig(program, 'doctor')
    .description('check ports, clock, disk, certificates, versions and whom it asks, and say what to do')
    .option('--clock <url>', 'a web server whose clock is right; those of the configuration unless given')
    .option('--json', 'print JSON')
    .action(async ({ config, clock, ...options }: Options & { readonly clock?: string }) => {
      process.exitCode = await (await loadDoctor()).doctor(config, { clock }, toOutput(options));
    });
}

/** A coordinator that served and crashed has said so in its log: what is left is the document for programs. */
function whenCrashed({ json = false }: Pick<Options, 'json'>): (error: unknown) => void {
  const out = (text: string) => void process.stdout.write(text);
  return (error) =>
    void reportFailure(error, FAILURE_RULES, {
      ...{ json, isTerminal: false, withStack: false },
      ...{ out, err: () => {} },
    });
}
