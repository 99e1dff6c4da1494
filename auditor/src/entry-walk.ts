// Goes through the entries of a log once, in order: hashes each, and opens its record.
import type { Bytes } from '@blindsum/proto';
import { hashLeaf, type Checkpoint } from '@blindsum/proto/tlog';
import { checkEntry, type EntryRecord } from './entry-check.ts';
import { Erasures, type ErasedRecord } from './erasures.ts';
import { toFinding, type Finding } from './finding.ts';
import type { LogReader } from './log-reader.ts';
import { readEntries } from './tree-check.ts';

export interface WalkedEntries {
  readonly entryHashes: readonly Bytes[];
  /** False, with a finding, when the entries end before the checkpoint's size: then the tree cannot be judged. */
  readonly isWhole: boolean;
  /** Records whose bodies are missing, and of which a redaction in the log says why. */
  readonly erased: readonly ErasedRecord[];
  /** What is wrong with the form of entries and records, and with the bundles that hold them. */
  readonly findings: readonly Finding[];
}

/** Shows `visit` every record, and undefined in the place of one that is not what its entry says. Refuses UNAVAILABLE. */
export async function walkEntries(
  reader: LogReader,
  { size }: Checkpoint,
  visit: (checked: EntryRecord | undefined) => void,
): Promise<WalkedEntries> {
  const entryHashes: Bytes[] = [];
  const findings: Finding[] = [];
  const erasures = new Erasures();
  const entries = readEntries(reader, size);
  for (;;) {
    const next = await entries.next().catch((error: unknown) => toFinding(error));
    if ('code' in next || next.done) {
      const { erased, withheld } = erasures.explain();
      const all = [...findings, ...withheld, ...('code' in next ? [next] : [])];
      return { entryHashes, isWhole: !('code' in next), erased, findings: all };
    }
    const checked = await checkEntry(reader, entryHashes.length, next.value);
    entryHashes.push(hashLeaf(next.value));
    if ('code' in checked) findings.push(checked);
    if ('missing' in checked) erasures.miss(checked);
    if ('record' in checked) erasures.note(checked.record);
    visit('record' in checked ? checked : undefined);
  }
}
