// What the commands of the operator's program share. Most of the program is of no use to a command: each loads its own part.
import type { Command, CommandOptions } from 'commander';
import { Refusal } from '@blindsum/proto/command-line';
import type { Output } from '../commands/operator.ts';
import type { Target } from '../commands/target.ts';

export interface Options extends TargetOptions {
  readonly out: string;
  readonly reason: string;
  readonly sites: number;
  readonly json?: boolean;
}

export interface TargetOptions {
  readonly config: string;
  readonly server?: string;
  readonly apiKeyFile?: string;
  readonly ca?: string;
}

export const DEFAULT_CONFIG = 'coordinator.yaml';

/** A command that works on the files of a coordinator on this machine. */
export function onConfig(program: Command, name: string, options: CommandOptions = {}): Command {
  return program
    .command(name, options)
    .option('--config <coordinator.yaml>', 'configuration of the coordinator', DEFAULT_CONFIG);
}

/** A command that asks a running coordinator: over its socket on this machine, or over HTTPS with an API key. */
export function onCoordinator(program: Command, name: string, options: CommandOptions = {}): Command {
  return onConfig(program, name, options)
    .option('--server <url>', 'a coordinator elsewhere, https://host:port, instead of a configuration')
    .option('--api-key-file <file>', 'with --server: the file that holds an API key')
    .option('--ca <file>', 'with --server: the authority of its certificate, identity/authority.pem there');
}

/** Refuses CONFIG_INVALID for half of what a server elsewhere needs. */
export function toTarget({ config, server, apiKeyFile, ca }: TargetOptions): Target {
  if (server !== undefined && apiKeyFile !== undefined) return { server, apiKeyFile, ca };
  if (server === undefined && apiKeyFile === undefined && ca === undefined) return config;
  throw new Refusal('CONFIG_INVALID', 'give --server and --api-key-file together');
}

export function toOutput({ json = false }: Pick<Options, 'json'>): Output {
  const columns = process.stdout.isTTY ? process.stdout.columns : undefined;
  return { json, columns, print: (line) => process.stdout.write(`${line}\n`) };
}
