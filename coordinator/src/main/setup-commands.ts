// Commands about the installation itself.
import type { Command } from 'commander';
import { doctor } from '../commands/doctor.ts';
import { onConfig, toOutput, type Options } from './command.ts';

export function addSetupCommands(program: Command): void {
  onConfig(program, 'doctor')
    .description('check ports, clock, disk, certificates, versions and whom it asks, and say what to do')
    .option('--clock <url>', 'a web server whose clock is right; those of the configuration unless given')
    .option('--json', 'print JSON')
    .action(async ({ config, clock, ...options }: Options & { readonly clock?: string }) => {
      process.exitCode = await doctor(config, { clock }, toOutput(options));
    });
}
