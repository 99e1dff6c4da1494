// Goes through the entries of a log once, in order: hashes each, and opens its record.
import type { Bytes } from '@blindsum/proto';
import { hashLeaf, type Checkpoint } from '@blindsum/proto/tlog';
import { checkEntry, type EntryRecord } from './entry-check.ts';
import { Erasures, type ErasedRecord } from './erasures.ts';
import { toFinding, type Finding } from './finding.ts';
import type { LogReader } from './log-reader.ts';
import { readAhead } from './read-ahead.ts';
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

/** Called for each entry in order: with its record, or undefined in the place of one that is not what its entry says. */
export type VisitEntry = (checked: EntryRecord | undefined, entry: number) => void;

/** A walk that can go on where it stopped, when the log has grown. */
export class EntryWalk {
  readonly #entryHashes: Bytes[] = [];
  readonly #findings: Finding[] = [];
  readonly #erasures = new Erasures();

  /** Goes on to the last entry of the checkpoint. Refuses UNAVAILABLE. */
  async goOn(reader: LogReader, { size }: Checkpoint, visit: VisitEntry): Promise<WalkedEntries> {
    const from = this.#entryHashes.length;
    const entries = readAhead(readEntries(reader, size, from), async (bytes, i) => ({
      hash: hashLeaf(bytes),
      checked: await checkEntry(reader, from + i, bytes),
    }));
    for (;;) {
      const next = await entries.next().catch((error: unknown) => toFinding(error));
      if ('code' in next) return this.#soFar(next);
      if (next.done) return this.#soFar();
      this.#take(next.value.hash, next.value.checked, visit);
    }
  }

  #take(hash: Bytes, checked: Awaited<ReturnType<typeof checkEntry>>, visit: VisitEntry): void {
    const entry = this.#entryHashes.push(hash) - 1;
    if ('code' in checked) this.#findings.push(checked);
    if ('missing' in checked) this.#erasures.miss(checked);
    if ('record' in checked) this.#erasures.note(checked.record);
    visit('record' in checked ? checked : undefined, entry);
  }

  #soFar(end?: Finding): WalkedEntries {
    const { erased, withheld } = this.#erasures.explain();
    const findings = [...this.#findings, ...withheld, ...(end ? [end] : [])];
    return { entryHashes: this.#entryHashes, isWhole: !end, erased, findings };
  }
}

/** Shows `visit` every entry of the log. Refuses UNAVAILABLE. */
export function walkEntries(
  reader: LogReader,
  checkpoint: Checkpoint,
  visit: VisitEntry,
): Promise<WalkedEntries> {
  return new EntryWalk().goOn(reader, checkpoint, visit);
}
