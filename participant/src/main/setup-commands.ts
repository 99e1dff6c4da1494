// Commands about the installation itself.
import type { Command } from 'commander';
import type { InitOptions } from '../commands/init.ts';
import { command, printOf, type Common } from './command.ts';

const loadDoctor = () => import('../commands/doctor.ts');
const loadInit = () => import('../commands/init.ts');

export function addSetup(program: Command): void {
  program
    .command('init')
    .description('write a configuration and a policy with everything there is, for a site that is new')
    .option('--dir <folder>', 'where to; it is made if need be', '.')
    .option('--token-file <file>', 'the operator’s token, which names the site and its federation')
    .option('--site <name>', 'without a token: the site’s name')
    .option('--federation <name>', 'without a token: the federation’s name')
    .option('--train <rows.csv>', 'the rows, relative to the configuration', 'train.csv')
    .option('--json', 'machine-readable output, one JSON object a line')
    .action(async ({ json, ...options }: InitOptions & Pick<Common, 'json'>) =>
      (await loadInit()).init(options, printOf({ json })),
    );
  command(
    program,
    'doctor',
    'check keys, rows, policy, disk, clock, versions and the way to the coordinator, and say what to do',
  ).action(async ({ config, json }: Common) => {
    process.exitCode = await (await loadDoctor()).doctor(config, printOf({ json }));
  });
}
