// The one writer of a log. A record enters in four steps, each durable before the next: its body, the entry given to it,
// the tiles, the checkpoint. After the second the rest follows from what is on disk, so that settling an entry is one
// function, used by normal work and by recovery alike.
import {
  isEqualBytes,
  Refusal,
  refuseUnless,
  toDigestBytes,
  utf8,
  type Bytes,
  type Digest,
} from '@blindsum/proto';
import { verifyEd25519, verifyP256 } from '@blindsum/proto/node';
import {
  createRecord,
  encodeLeaf,
  encodeRecord,
  encodeVkey,
  frontierRoot,
  openCheckpoint,
  parseLeaf,
  recordDigest,
  recordName,
  signCheckpoint,
  toNameDigest,
  toRedactionName,
  verifyRecord,
  type CosigningRule,
  type LogRecord,
  type RecordKind,
} from '@blindsum/proto/tlog';
import { createCharter, verifyFollows } from './charter.ts';
import { createRedaction, finishErasures } from './erasure.ts';
import type { LogKeys } from './log-keys.ts';
import { appendEntry, createLogState, logSize, type Admitted, type LogState } from './log-state.ts';
import type { LogStore } from './log-store.ts';
import { archiveRecord, assignEntry, readAssignment, readRecord, removeBody } from './record-archive.ts';
import { restoreLog } from './restore.ts';

const CHECKPOINT = 'checkpoint';
const VKEY = 'log.vkey';

/** A transparency log that this process appends to. */
export interface Log {
  /**
   * Logs a record and returns once a checkpoint that covers it is durable. The same record again is a retry and returns
   * the same entry; another one in its place is refused (CONFLICTING_SUBMISSION), MALFORMED what has not the form of its kind, and
   * BAD_RECORD an amendment that does not follow what the log has. After any other error the outcome is unknown, and repeating the call is safe.
   */
  append(record: { readonly kind: RecordKind; readonly predicate: object }): Promise<Admitted>;
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
  /** The last call to append or erase; each waits for the one before, whether or not that one failed. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(store: LogStore, keys: LogKeys) {
    this.vkey = encodeVkey(keys.checkpoint.key);
    this.#store = store;
    this.#keys = keys;
  }

  async restore(cosigning: CosigningRule | undefined): Promise<void> {
    await this.#claimFolder();
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

  append(record: { kind: RecordKind; predicate: object }): Promise<Admitted> {
    return this.#inTurn(() => this.#append(record));
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

  #inTurn(work: () => Promise<Admitted>): Promise<Admitted> {
    const done = this.#last.then(() => {
      if (this.#stopped) throw this.#stopped;
      return work();
    });
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #erase(digest: Digest, reason: string): Promise<Admitted> {
    await this.#settle();
    const isLogged = [...this.#admitted.values()].some(({ record }) => record === digest);
    refuseUnless(isLogged, 'NOT_FOUND', `the log has no record ${digest}`);
    const redaction =
      this.find(toRedactionName(digest)) ??
      (await this.#append(createRedaction(digest, await this.read(digest), reason)));
    // Only now: the log must say first why a body is missing.
    await removeBody(this.#store, digest);
    return redaction;
  }

  async #append({ kind, predicate }: { kind: RecordKind; predicate: object }): Promise<Admitted> {
    const record = createRecord(kind, predicate);
    const payload = encodeRecord(record);
    const name = recordName(record);
    await this.#settle();
    const before = this.find(name);
    // A record that is in the log is not archived again: its body may have been erased.
    if (before) return confirmSame(before, recordDigest(payload), name);
    verifyFollows(record, (other) => this.find(other));
    const digest = await archiveRecord(this.#store, payload, this.#keys.record);
    for (;;) {
      await this.#settle();
      const admitted = this.find(name);
      if (admitted) return confirmSame(admitted, digest, name);
      // Losing an entry to another process is no error: its record is settled, and the next entry is tried.
      await assignEntry(this.#store, logSize(this.#state), digest);
    }
  }

  /** Brings tiles and checkpoint up to the entries that have been given to records. Idempotent. */
  async #settle(): Promise<void> {
    for (;;) {
      const digest = await readAssignment(this.#store, logSize(this.#state));
      if (digest === undefined) return;
      await this.#sequence(digest);
    }
  }

  async #sequence(digest: Digest): Promise<void> {
    const { envelope, record } = await readRecord(this.#store, digest);
    const name = recordName(record);
    if (this.find(name)) throw new Error(`two entries of the log were given to ${name}`);
    const entry = this.#toEntry(digest, envelope.signature);
    verifyRecord({ envelope, leaf: parseLeaf(entry), verify: verifyP256 });
    const { state, files } = appendEntry(this.#state, entry);
    for (const [path, bytes] of files) await this.#store.replace(path, bytes);
    await this.#store.replace(CHECKPOINT, this.#signCheckpoint(state));
    if (record.kind === 'redaction') this.#erased.add(record.predicate.record);
    this.#admitted.set(toNameDigest(name), { index: logSize(this.#state), record: digest });
    this.#state = state;
  }

  #toEntry(digest: Digest, signature: Bytes): Bytes {
    return encodeLeaf({
      paeDigest: toDigestBytes(digest),
      signature,
      publicKeySpki: this.#keys.record.publicKeySpki,
    });
  }

  #signCheckpoint(state: LogState): Bytes {
    const { key, sign } = this.#keys.checkpoint;
    const { frontier } = state.edge;
    return utf8(
      signCheckpoint({ origin: key.name, size: frontier.size, root: frontierRoot(frontier) }, key, sign),
    );
  }

  /** A log has one key for life: another one would sign checkpoints that no verifier of this log accepts. */
  async #claimFolder(): Promise<void> {
    const line = utf8(`${this.vkey}\n`);
    // A log that is there is opened without a write: also on a full disk.
    if (!(await this.#store.read(VKEY))) await this.#store.create(VKEY, line);
    const found = await this.#store.read(VKEY);
    if (!found || !isEqualBytes(found, line)) {
      throw new Refusal('CONFIG_INVALID', `the log belongs to another key: ${VKEY} is not ${this.vkey}`);
    }
  }

  /** A log that is there keeps the rule of its charter, and has the charter of these keys. */
  async #found(cosigning: CosigningRule | undefined): Promise<void> {
    const founded = this.find('charter');
    const charter = founded && (await this.read(founded.record));
    const rule = charter?.kind === 'charter' ? charter.predicate.cosigning : cosigning;
    await this.append({ kind: 'charter', predicate: createCharter(this.#keys, rule) });
  }
}

function confirmSame(admitted: Admitted, digest: Digest, name: string): Admitted {
  refuseUnless(
    admitted.record === digest,
    'CONFLICTING_SUBMISSION',
    `the log has another record of ${name}, at entry ${admitted.index}`,
  );
  return admitted;
}
