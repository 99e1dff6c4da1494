// The commands an operator gives to a running coordinator.
import { readFile, writeFile } from 'node:fs/promises';
import {
  encodeSiteGrant,
  parseJobFile,
  parseSiteGrant,
  parseSiteRequest,
  Refusal,
  utf8,
} from '@blindsum/proto';
import { loadYaml, namingFile, toSystemFault } from '@blindsum/proto/node';
import { describeStatus } from './answers.ts';
import { answered, connect, type Target } from './target.ts';

export interface Output {
  /** JSON for programs instead of text for people. */
  readonly json: boolean;
  readonly print: (line: string) => void;
  /** How wide the terminal is; undefined for what is none. */
  readonly columns?: number | undefined;
}

/** Admits the site of a request file and writes its grant file. */
export async function admit(
  target: Target,
  files: { readonly request: string; readonly grant: string },
  output: Output,
): Promise<void> {
  const client = await connect(target);
  const bytes = await readInput(files.request);
  const body = parseSiteRequest(bytes);
  const grant = parseSiteGrant(utf8(JSON.stringify(await answered(client.POST('/v1/sites', { body })))));
  await writeFile(files.grant, encodeSiteGrant(grant));
  const { site, federation, coordinator } = grant;
  if (output.json) output.print(JSON.stringify({ site, federation, coordinator, grant: files.grant }));
  else output.print(`${site} is admitted to ${federation}; give it ${files.grant}`);
}

/** Shows jobs and sites. */
export async function status(target: Target, output: Output): Promise<void> {
  const client = await connect(target);
  const answer = await answered(client.GET('/v1/status'));
  if (output.json) output.print(JSON.stringify(answer));
  else for (const line of describeStatus(answer)) output.print(line);
}

/** The values of a job file, once they are known to be well-formed; mistakes are named with the file. */
export async function loadJobFile(path: string): Promise<unknown> {
  const value = await loadYaml(path);
  namingFile(path, () => parseJobFile(value));
  return value;
}

async function readInput(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new Refusal('NOT_FOUND', `${path}: cannot be read (${toSystemFault(cause)})`, { cause });
  }
}
