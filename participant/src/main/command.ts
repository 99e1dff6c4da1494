// What the subcommands have in common. Most of the program is of no use to a command: each loads its own part.
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { parseJobId, Refusal, type JobId } from '@blindsum/proto/command-line';
import { createPrint, type Print } from '../commands/print.ts';
import type { Config } from '../config.ts';

export interface Common {
  readonly config: string;
  readonly json?: boolean;
}

export function command(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option('-c, --config <site.yaml>', 'the site’s configuration', 'site.yaml')
    .option('--json', 'machine-readable output, one JSON object a line');
}

/** Refuses what `loadConfig` does. */
export async function configOf({ config }: Common): Promise<Config> {
  const { loadConfig } = await import('../config.ts');
  return loadConfig(config);
}

export function printOf({ json }: { readonly json?: boolean | undefined }): Print {
  return createPrint(json === true);
}

export function parseJobName(text: string): JobId {
  try {
    return parseJobId(text);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new InvalidArgumentError('Expected 1 to 63 of a-z, 0-9 and inner hyphens.');
  }
}
