// What a log that contradicts itself leaves behind: both of its checkpoints, for anybody to compare.
import { join } from 'node:path';
import type { Refusal } from '@blindsum/proto';
import { parseUtf8, sha256, toHex, utf8, type Digest, type RefusalCode } from '@blindsum/proto';
import { toEvidenceName } from '../journal/log-journal.ts';
import type { KeptHead, ShownHead } from '../session/known-log.ts';
import { writeDurably } from '../write-durably.ts';

/** A log that does so is not believed any more. */
export const CONTRADICTIONS: ReadonlySet<RefusalCode> = new Set(['LOG_SHRANK', 'LOG_FORKED']);

/** Writes both notes to a file in `folder`, durably, and returns its name. The same evidence has the same name. */
export function writeEvidence(
  folder: string,
  refusal: Refusal,
  kept: KeptHead,
  { note, proof }: ShownHead,
): string {
  const shown = parseUtf8(note, 'checkpoint');
  const text = [
    `${refusal.code}: ${refusal.detail}`,
    '',
    'The checkpoint that this site has kept:',
    '',
    kept.note,
    'The checkpoint that it was shown later, signed by the same key:',
    '',
    shown,
    `Consistency proof that came with it (${proof.length} hashes):`,
    ...proof.map(toHex),
    '',
  ].join('\n');
  const name = toEvidenceName(toHex(sha256(utf8(kept.note), utf8(shown))) as Digest);
  writeDurably(join(folder, name), utf8(text));
  return name;
}
