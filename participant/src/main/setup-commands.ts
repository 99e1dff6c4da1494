// Commands about the installation itself.
import type { Command } from 'commander';
import { doctor } from '../commands/doctor.ts';
import { createPrint } from '../commands/print.ts';
import { command, type Common } from './command.ts';

export function addSetup(program: Command): void {
  command(
    program,
    'doctor',
    'check keys, rows, policy, disk, clock, versions and the way to the coordinator, and say what to do',
  ).action(async ({ config, json }: Common) => {
    process.exitCode = await doctor(config, createPrint(json === true));
  });
}
