// What the commands of the operator's program share.
import type { Command } from 'commander';
import type { Output } from '../commands/operator.ts';

export interface Options {
  readonly config: string;
  readonly out: string;
  readonly reason: string;
  readonly sites: number;
  readonly json?: boolean;
}

/** A command that needs to know which coordinator is meant. */
export function onConfig(program: Command, name: string): Command {
  return program
    .command(name)
    .option('--config <coordinator.yaml>', 'configuration of the coordinator', 'coordinator.yaml');
}

export function toOutput({ json = false }: Pick<Options, 'json'>): Output {
  return { json, print: (line) => process.stdout.write(`${line}\n`) };
}
