// The commands that a user would type, and what the sites report.
import { join } from 'node:path';
import type { ProgressEvent } from '../../participant/src/session-progress.ts';
import { ROOT } from './datasets.ts';
import type { Command } from './processes.ts';

const COORDINATOR = join(ROOT, 'coordinator/bin/blindsum-coordinator');
const SITE = join(ROOT, 'participant/bin/blindsum-site');

/** `blindsum-coordinator` with these arguments. */
export function coordinatorCommand(...args: readonly string[]): Command {
  return { name: 'coordinator', argv: [COORDINATOR, ...args] as const };
}

/** `blindsum-site` with these arguments, its output in a file named after the site. */
export function siteCommand(site: string, ...args: readonly string[]): Command {
  return { name: site, argv: [SITE, ...args] as const };
}

/** An event as a site prints it with `--progress json`; undefined for lines that belong to people. */
export function parseEvent(line: string): ProgressEvent | undefined {
  return line.startsWith('{') ? (JSON.parse(line) as ProgressEvent) : undefined;
}
