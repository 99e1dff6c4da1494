// `local-page.json` in the state directory: where the local page is while the agent runs, and the secret that opens it. The site's
// user alone can read it.
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Refusal, utf8 } from '@blindsum/proto';
import { writeDurably } from '../write-durably.ts';
import { createTicket } from './page-access.ts';

const NAME = 'local-page.json';

const pageFileFormat = z.strictObject({
  port: z.int().min(1).max(65535),
  secret: z.string().regex(/^[0-9a-f]{64}$/),
});

export type PageFile = z.output<typeof pageFileFormat>;

export function createPageSecret(): string {
  return randomBytes(32).toString('hex');
}

/** Replaces that of an earlier start, in one step. */
export function writePageFile(stateDirectory: string, file: PageFile): void {
  writeDurably(join(stateDirectory, NAME), utf8(`${JSON.stringify(file)}\n`));
}

export function removePageFile(stateDirectory: string): void {
  rmSync(join(stateDirectory, NAME), { force: true });
}

/** The address of the page, good once and for five minutes. Refuses NOT_FOUND when there is no page. */
export function createPageAddress(stateDirectory: string, nowMs: number): string {
  const { port, secret } = readPageFile(stateDirectory);
  return `http://127.0.0.1:${port}/open/${createTicket(secret, nowMs, randomBytes(16))}`;
}

export function readPageFile(stateDirectory: string): PageFile {
  try {
    return pageFileFormat.parse(JSON.parse(readFileSync(join(stateDirectory, NAME), 'utf8')));
  } catch (cause) {
    const hint = 'there is no local page: set localPage in site.yaml, and run the agent (docs/site.md)';
    throw new Refusal('NOT_FOUND', hint, { cause });
  }
}
