// The transparency log of a simulated coordinator: the real sequencer over files that outlive its processes.
import type { Bytes, Digest } from '@blindsum/proto';
import { parseCheckpoint, parseNote, type LogRecord } from '@blindsum/proto/tlog';
import { createLogKeys, type LogKeys } from '../../coordinator/src/log/log-keys.ts';
import type { LogStore } from '../../coordinator/src/log/log-store.ts';
import { createMemoryLogStore } from '../../coordinator/src/log/memory-log-store.ts';
import { readAssignment, readRecord } from '../../coordinator/src/log/record-archive.ts';
import { openSequencer, type Log } from '../../coordinator/src/log/sequencer.ts';
import type { RecordsSeen } from '../simulation/watched.ts';
import type { CrashPoints, Incarnation } from './incarnation.ts';
import type { LogTrees, TreeEntry } from './log-trees.ts';

/** Made once: real keys take time. */
const KEYS: LogKeys = createLogKeys('test.example', new Uint8Array(32).fill(9));

const CHECKPOINT = 'checkpoint';

export class SequencedLog implements RecordsSeen {
  readonly keys = KEYS;
  readonly trees: LogTrees;
  /** Notes of all its checkpoints, in their order. */
  readonly notes: Bytes[] = [];
  readonly #files: Map<string, Bytes>;
  #entries: readonly TreeEntry[] = [];
  #records: readonly LogRecord[] = [];

  constructor(trees: LogTrees, files = new Map<string, Bytes>(), entries: readonly TreeEntry[] = []) {
    this.trees = trees;
    this.#files = files;
    this.#hold(entries);
  }

  /** Those that a checkpoint covers. */
  get records(): readonly LogRecord[] {
    return this.#records;
  }

  get size(): number {
    return this.#entries.length;
  }

  sealedIndex(setRoot: string): number {
    return this.#entries.findIndex(
      ({ record }) => record.kind === 'round-sealed' && record.predicate.setRoot === setRoot,
    );
  }

  digestAt(index: number): string {
    return this.#entries[index]?.digest ?? '';
  }

  /** Opens it in a process, which may crash at each write to its files. */
  open(process: Incarnation, crashes: CrashPoints): Promise<OpenLog> {
    const files = this.#store();
    const store: LogStore = {
      read: (path) => process.during(() => files.read(path)),
      create: (path, bytes) => write('create', path, () => files.create(path, bytes)),
      replace: (path, bytes) => write('replace', path, () => files.replace(path, bytes)),
      remove: (path) => write('remove', path, () => files.remove(path)),
    };
    const write = <T>(what: string, path: string, apply: () => Promise<T>) =>
      crashes.writeLater(process, `log.${what} ${path.replace(/\/.*/, '')}`, apply);
    return openWith(store, this.keys);
  }

  /** The same log in another place, which may grow otherwise; as long as `size` says. */
  copy(size = this.#entries.length): SequencedLog {
    const files = new Map(this.#files);
    for (let index = size; files.delete(`sequence/${index}`); index++);
    files.set(CHECKPOINT, this.notes[size - 1]!);
    const copy = new SequencedLog(this.trees, files, this.#entries.slice(0, size));
    copy.notes.push(...this.notes.slice(0, size));
    return copy;
  }

  /** Without any process that could crash. */
  openOutside(): Promise<OpenLog> {
    return openWith(this.#store(), this.keys);
  }

  #store(): LogStore {
    const store = createMemoryLogStore(this.#files);
    return {
      ...store,
      replace: async (path, bytes) => {
        if (path === CHECKPOINT) await this.#note(bytes);
        await store.replace(path, bytes);
      },
    };
  }

  /** A checkpoint is being published. */
  async #note(note: Bytes): Promise<void> {
    const store = createMemoryLogStore(this.#files);
    const head = parseCheckpoint(parseNote(note).text);
    const entries = [...this.#entries];
    while (BigInt(entries.length) < head.size) {
      const digest = (await readAssignment(store, entries.length)) as Digest;
      entries.push({ digest, record: (await readRecord(store, digest)).record });
    }
    this.trees.add(head, entries);
    this.#hold(entries);
    this.notes[entries.length - 1] = note;
  }

  #hold(entries: readonly TreeEntry[]): void {
    this.#entries = entries;
    this.#records = entries.map(({ record }) => record);
  }
}

export interface OpenLog {
  readonly log: Log;
  readonly files: LogStore;
  readonly keys: LogKeys;
}

async function openWith(files: LogStore, keys: LogKeys): Promise<OpenLog> {
  return { log: await openSequencer(files, keys), files, keys };
}
