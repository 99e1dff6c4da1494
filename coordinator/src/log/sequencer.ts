// The one writer of a log. A record enters in four steps, each durable before the next: its body, the entry given to it,
// the tiles, the checkpoint. After the second the rest follows from what is on disk, so that settling entries is one
// function, used by normal work and by recovery alike. Records that wait at the same time share the last two steps.
import { Refusal, refuseUnless, type Bytes, type Digest } from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import {
  createRecord,
  encodeRecord,
  encodeVkey,
  frontierRoot,
  openCheckpoint,
  recordDigest,
  recordName,
  toNameDigest,
  toRedactionName,
  type CosigningRule,
  type LogRecord,
  type RecordKind,
} from '@blindsum/proto/tlog';
import { createCharter, verifyFollows } from './charter.ts';
import { claimFolder } from './claim-folder.ts';
import { createRedaction, finishErasures } from './erasure.ts';
import { encodeSignedTree, toEntry } from './log-entry.ts';
import type { LogKeys } from './log-keys.ts';
import { appendEntries, createLogState, logSize, type Admitted, type LogState } from './log-state.ts';
import { replaceAll, type LogStore } from './log-store.ts';
import {
  archiveRecord,
  assignEntry,
  readAssignment,
  readRecord,
  removeBody,
  type ArchivedRecord,
} from './record-archive.ts';
import { restoreLog } from './restore.ts';

const CHECKPOINT = 'checkpoint';

/** What is to be logged. */
export interface Draft {
  readonly kind: RecordKind;
  readonly predicate: object;
}

/** A transparency log that this process appends to. */
export interface Log {
  /**
   * Logs a record and returns once a checkpoint that covers it is durable. The same record again is a retry and returns
   * the same entry; another one in its place is refused (CONFLICTING_SUBMISSION), MALFORMED what has not the form of its kind, and
   * BAD_RECORD an amendment that does not follow what the log has. After any other error the outcome is unknown, and repeating the call is safe.
   */
  append(draft: Draft): Promise<Admitted>;
  /** The record of this name (recordName, toRoundName), if the log has it. */
  find(name: string): Admitted | undefined;
  /** What a record that the log has says. Throws an Error for one that was erased. */
  read(record: Digest): Promise<LogRecord>;
  /**
   * Erases the body of a record for good: logs that, and why, and removes the body after. Its entry and every proof stay. The same
   * again is a retry, whatever the reason. Refuses NOT_FOUND, or NOT_ALLOWED for a record that the log rests on.
   */
  erase(record: Digest, reason: string): Promise<Admitted>;
  /** Returns once every call to append or erase that is under way has ended: what a checkpoint covers can be found then. */
  settled(): Promise<void>;
  /** Number of entries and root (32 bytes) of the last checkpoint. */
  latest(): { readonly size: number; readonly root: Bytes };
  /** From now on append and erase refuse this, for good; what is under way may end. */
  stop(reason: Refusal): void;
  /** Why nothing is signed any more; undefined as long as something is. */
  readonly stopped: Refusal | undefined;
  /** The key that verifies the checkpoints, as C2SP writes it. */
  readonly vkey: string;
}

/**
 * Opens the log of the keys' origin, or founds it with the rule `cosigning` in its charter; finishes what a crash interrupted. Throws an
 * Error for damaged files.
 */
export async function openSequencer(store: LogStore, keys: LogKeys, cosigning?: CosigningRule): Promise<Log> {
  const sequencer = new Sequencer(store, keys);
  await sequencer.restore(cosigning);
  return sequencer;
}

/** A record that waits for its entry, and who waits for it. */
interface Waiting {
  readonly draft: Draft;
  readonly resolve: (admitted: Admitted) => void;
  readonly reject: (error: unknown) => void;
}

interface Prepared {
  readonly waiting: Waiting;
  readonly name: string;
  readonly digest: Digest;
  /** Undefined if the log, or the batch, has a record of its name already. */
  readonly archived: ArchivedRecord | undefined;
}

/** By their index: the entries that this process has just given to records, which need not be read again. */
type OwnEntries = ReadonlyMap<number, ArchivedRecord>;

class Sequencer implements Log {
  readonly vkey: string;
  readonly #store: LogStore;
  readonly #keys: LogKeys;
  #state: LogState = createLogState();
  /** By the digest of the record's name. */
  #admitted = new Map<Digest, Admitted>();
  /** Records that are erased according to the log. */
  #erased = new Set<Digest>();
  #stopped: Refusal | undefined;
  /** Those that the next turn appends. */
  #waiting: Waiting[] = [];
  /** The last turn to append or erase; each waits for the one before, whether or not that one failed. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(store: LogStore, keys: LogKeys) {
    this.vkey = encodeVkey(keys.checkpoint.key);
    this.#store = store;
    this.#keys = keys;
  }

  async restore(cosigning: CosigningRule | undefined): Promise<void> {
    await claimFolder(this.#store, this.vkey);
    const note = await this.#store.read(CHECKPOINT);
    if (note) {
      const checkpoint = openCheckpoint(note, this.#keys.checkpoint.key, verifyEd25519);
      const { state, admitted, redactions } = await restoreLog(this.#store, checkpoint);
      this.#state = state;
      this.#admitted = admitted;
      this.#erased = new Set(redactions.keys());
    }
    await this.#settle();
    await finishErasures(this.#store, this.#erased);
    await this.#found(cosigning);
  }

  find(name: string): Admitted | undefined {
    return this.#admitted.get(toNameDigest(name));
  }

  async read(record: Digest): Promise<LogRecord> {
    return (await readRecord(this.#store, record)).record;
  }

  async settled(): Promise<void> {
    await this.#last;
  }

  latest(): { size: number; root: Bytes } {
    return { size: logSize(this.#state), root: frontierRoot(this.#state.edge.frontier) };
  }

  append(draft: Draft): Promise<Admitted> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ draft, resolve, reject });
      void this.#inTurn(() => this.#appendAll(this.#waiting.splice(0)));
    });
  }

  erase(record: Digest, reason: string): Promise<Admitted> {
    return this.#inTurn(() => this.#erase(record, reason));
  }

  stop(reason: Refusal): void {
    this.#stopped ??= reason;
  }

  get stopped(): Refusal | undefined {
    return this.#stopped;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #erase(digest: Digest, reason: string): Promise<Admitted> {
    if (this.#stopped) throw this.#stopped;
    await this.#settle();
    const isLogged = [...this.#admitted.values()].some(({ record }) => record === digest);
    refuseUnless(isLogged, 'NOT_FOUND', `the log has no record ${digest}`);
    const redaction =
      this.find(toRedactionName(digest)) ??
      (await this.#appendOne(createRedaction(digest, await this.read(digest), reason)));
    // Only now: the log must say first why a body is missing.
    await removeBody(this.#store, digest);
    return redaction;
  }

  #appendOne(draft: Draft): Promise<Admitted> {
    return new Promise((resolve, reject) => void this.#appendAll([{ draft, resolve, reject }]));
  }

  /** Logs the records in their order, under one checkpoint. What is wrong with one is its own; what fails on the way is of all. */
  async #appendAll(all: readonly Waiting[]): Promise<void> {
    try {
      if (this.#stopped) throw this.#stopped;
      if (all.length > 0) await this.#settle();
      const prepared = new Map<string, Prepared>();
      const settled: (() => void)[] = [];
      for (const waiting of all) {
        const one = await this.#prepare(waiting, prepared).catch(waiting.reject);
        if (!one) continue;
        if (!prepared.has(one.name)) prepared.set(one.name, one);
        settled.push(() => this.#confirm(one));
      }
      await this.#admit([...prepared.values()]);
      for (const confirm of settled) confirm();
    } catch (error) {
      for (const { reject } of all) reject(error);
    }
  }

  /** Archives the record, unless the log or the batch has one of its name: that body may have been erased, or is another one. */
  async #prepare(waiting: Waiting, batch: ReadonlyMap<string, Prepared>): Promise<Prepared> {
    const record = createRecord(waiting.draft.kind, waiting.draft.predicate);
    const payload = encodeRecord(record);
    const name = recordName(record);
    const isKnown = this.find(name) !== undefined || batch.has(name);
    if (!isKnown) verifyFollows(record, (other) => this.find(other));
    const archived = isKnown ? undefined : await archiveRecord(this.#store, payload, this.#keys.record);
    return { waiting, name, digest: recordDigest(payload), archived };
  }

  /** Gives the records the next entries, until each has one. */
  async #admit(prepared: readonly Prepared[]): Promise<void> {
    for (;;) {
      const missing = prepared.flatMap(({ name, archived }) =>
        archived && !this.find(name) ? [archived] : [],
      );
      if (missing.length === 0) return;
      const own = new Map<number, ArchivedRecord>();
      for (const archived of missing) {
        const index = logSize(this.#state) + own.size;
        // Losing an entry to another process is no error: its record is settled, which may be this one, before the next is tried.
        if (!(await assignEntry(this.#store, index, archived.digest))) break;
        own.set(index, archived);
      }
      await this.#settle(own);
    }
  }

  #confirm({ waiting, name, digest }: Prepared): void {
    const admitted = this.find(name)!;
    if (admitted.record === digest) return waiting.resolve(admitted);
    const conflict = `the log has another record of ${name}, at entry ${admitted.index}`;
    waiting.reject(new Refusal('CONFLICTING_SUBMISSION', conflict));
  }

  /** Brings tiles and checkpoint up to the entries that have been given to records. Idempotent. */
  async #settle(own: OwnEntries = new Map()): Promise<void> {
    const assigned: ArchivedRecord[] = [];
    for (let index = logSize(this.#state); ; index++) {
      const archived = own.get(index) ?? (await this.#readAssigned(index));
      if (archived === undefined) break;
      assigned.push(archived);
    }
    if (assigned.length > 0) await this.#sequence(assigned);
  }

  async #readAssigned(index: number): Promise<ArchivedRecord | undefined> {
    const digest = await readAssignment(this.#store, index);
    return digest && readRecord(this.#store, digest);
  }

  async #sequence(assigned: readonly ArchivedRecord[]): Promise<void> {
    const admitted = new Map<Digest, Admitted>();
    const erased: Digest[] = [];
    const entries: Bytes[] = [];
    for (const archived of assigned) {
      const { record, digest } = archived;
      const name = recordName(record);
      const nameDigest = toNameDigest(name);
      if (this.find(name) ?? admitted.get(nameDigest))
        throw new Error(`two entries of the log were given to ${name}`);
      admitted.set(nameDigest, { index: logSize(this.#state) + entries.length, record: digest });
      entries.push(toEntry(archived, this.#keys.record));
      if (record.kind === 'redaction') erased.push(record.predicate.record);
    }
    const { state, files } = appendEntries(this.#state, entries);
    await replaceAll(this.#store, files);
    await this.#store.replace(CHECKPOINT, encodeSignedTree(state, this.#keys.checkpoint));
    this.#state = state;
    for (const [name, entry] of admitted) this.#admitted.set(name, entry);
    for (const record of erased) this.#erased.add(record);
  }

  /** A log that is there keeps the rule of its charter, and has the charter of these keys. */
  async #found(cosigning: CosigningRule | undefined): Promise<void> {
    const founded = this.find('charter');
    const charter = founded && (await this.read(founded.record));
    const rule = charter?.kind === 'charter' ? charter.predicate.cosigning : cosigning;
    await this.append({ kind: 'charter', predicate: createCharter(this.#keys, rule) });
  }
}
