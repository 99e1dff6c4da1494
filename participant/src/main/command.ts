// What the subcommands have in common.
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { jobIdSchema, type JobId } from '@blindsum/proto';

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

export function parseJobName(text: string): JobId {
  const parsed = jobIdSchema.safeParse(text);
  if (!parsed.success) throw new InvalidArgumentError('Expected 1 to 63 of a-z, 0-9 and inner hyphens.');
  return parsed.data;
}
