// What the commands have in common that read a log.
import { readFile } from 'node:fs/promises';
import { parseJobId, Refusal, refuseUnless, type Bytes, type JobId } from '@blindsum/proto';
import { trustAuthorityFile, toSystemFault } from '@blindsum/proto/node';
import type { Command } from 'commander';
import type { LogReader } from '../log-reader.ts';
import { openLogReader } from '../open-log-reader.ts';

/** How the argument that names a log is described. */
export const LOG_ARGUMENT = 'folder of the log, or its address (https://...)';

export interface LogOptions {
  readonly vkey?: string;
  readonly ca?: string;
  readonly json?: boolean;
}

/** Adds the options of LogOptions. */
export function addLogOptions(command: Command): Command {
  return command
    .option('--vkey <key>', 'the key of the log that you trust, or a file that holds it')
    .option('--ca <file>', "authority of the log's address, besides those that the platform trusts")
    .option('--json', 'print the report as JSON');
}

/** The log that is named, and the key that its reader trusts. Refuses CONFIG_INVALID, or UNAVAILABLE. */
export async function openSource(log: string, options: LogOptions): Promise<LogReader> {
  if (options.ca !== undefined) await trustAuthorityFile(options.ca, '--ca');
  return openLogReader(log);
}

/** A vkey has two plus signs; anything else is the name of a file that holds one. Refuses CONFIG_INVALID. */
export async function toVkey({ vkey: option }: LogOptions): Promise<string | undefined> {
  if (option === undefined) return undefined;
  if (/^[^+/]+\+[0-9a-f]{8}\+/.test(option)) return option;
  try {
    return (await readFile(option, 'utf8')).trim();
  } catch (cause) {
    throw new Refusal('CONFIG_INVALID', `--vkey: ${option} is neither a key nor a file that can be read`, {
      cause,
    });
  }
}

/** A file that was named on the command line; refuses UNAVAILABLE. */
export async function readNamedFile(path: string): Promise<Bytes> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    throw new Refusal('UNAVAILABLE', `cannot read ${path}: ${toSystemFault(cause)}`, { cause });
  }
}

/** The round of a job that the words name; refuses CONFIG_INVALID, or MALFORMED for a job that has no valid name. */
export function toRound(job: string, round: string): { readonly job: JobId; readonly round: number } {
  const isNumber = /^(0|[1-9][0-9]{0,6})$/.test(round);
  refuseUnless(isNumber, 'CONFIG_INVALID', `${round} is not a round number`);
  return { job: parseJobId(job), round: Number(round) };
}

/** Prints the report of `command`: for programs with `json`, for people otherwise. */
export function printReport(
  command: string,
  report: object,
  { json, text }: { readonly json?: boolean | undefined; readonly text: string },
): void {
  const document = { schema: `blindsum-audit/${command}/v1`, ...report };
  process.stdout.write(json ? `${JSON.stringify(document, null, 2)}\n` : text);
}

/** The help of a command ends with how it is used. */
export function toExample(line: string): string {
  return `\nExample:\n  blindsum-audit ${line}\n`;
}
