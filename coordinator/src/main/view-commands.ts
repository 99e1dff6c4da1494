// Commands that show what the coordinator knows.
import type { Command } from 'commander';
import { onCoordinator, toOutput, toTarget, type Options } from './command.ts';
import { addRounds } from './job-commands.ts';
import { addContributions } from './site-commands.ts';

const loadViews = () => import('../commands/views.ts');

export function addViewCommands(program: Command): void {
  onCoordinator(program, 'federation')
    .description('show the federation: its authority, log, roster and limits')
    .option('--json', 'print JSON')
    .action(async (options: Options) =>
      (await loadViews()).showFederation(toTarget(options), toOutput(options)),
    );
  onCoordinator(program, 'health')
    .description('say whether the running coordinator is well; ends with status 1 if it is not')
    .option('--json', 'print JSON')
    .action(async (options: Options) => {
      process.exitCode = await (await loadViews()).showHealth(toTarget(options), toOutput(options));
    });
  onCoordinator(program, 'models')
    .description('show the models that are public, with their files')
    .option('--json', 'print JSON')
    .action(async (options: Options) => (await loadViews()).listModels(toTarget(options), toOutput(options)));
  onCoordinator(program, 'storage')
    .description('show the disk, its limits, and what each job keeps there')
    .option('--json', 'print JSON')
    .action(async (options: Options) =>
      (await loadViews()).showStorage(toTarget(options), toOutput(options)),
    );
  addRounds(program);
  addContributions(program);
}
