// The checkpoints of the log as they are published: each with the cosignatures that came for it and were verified.
import { isEqualBytes, Refusal, refuseUnless, utf8, type Bytes } from '@blindsum/proto';
import { checkSignature, verifyEd25519 } from '@blindsum/proto/node';
import {
  claimCosignatures,
  encodeNote,
  encodeVkey,
  isQuorumMet,
  openCheckpoint,
  parseCosignatures,
  parseNote,
  toCosignatureClaim,
  type NoteKey,
  type NoteSignature,
  type TlogPolicy,
  type UnverifiedNote,
} from '@blindsum/proto/tlog';
import type { LogStore } from '../log/log-store.ts';
import type { CosignatureStore, CosignedNote } from './cosignature-store.ts';

export interface CosigningParts {
  readonly store: CosignatureStore;
  /** Where the log's files are. */
  readonly files: Pick<LogStore, 'read'>;
  readonly logKey: NoteKey;
  /** Who must have cosigned the checkpoint of that size; the latest one unless given. */
  readonly policy: (size?: number) => Promise<TlogPolicy>;
}

/** A checkpoint of the log, published. */
export interface PublishedCheckpoint {
  readonly size: number;
  readonly root: Bytes;
  /** Signed by the log, with the cosignatures that are there. */
  readonly note: Bytes;
}

/** Checkpoints that witnesses may still be cosigning. */
const MAX_REMEMBERED = 1024;
/** What readers of notes accept, less the log's own line. */
const MAX_COSIGNATURES = 99;
/** Writers that came first; more in a row are no coincidence. */
const MAX_CONFLICTS = 100;

export class CosignedCheckpoints {
  readonly #parts: CosigningParts;
  /** Notes of the log alone that were given out, by size. */
  readonly #given = new Map<number, Bytes>();

  constructor(parts: CosigningParts) {
    this.#parts = parts;
  }

  /** The log's latest checkpoint. */
  async published(): Promise<PublishedCheckpoint> {
    const bare = await this.#parts.files.read('checkpoint');
    if (!bare) throw new Error('the log has no checkpoint');
    const own = this.#open(bare);
    this.#remember(own.size, bare);
    const cosigned = await this.#parts.store.load(own.size);
    return cosigned ? this.#open(utf8(cosigned.note)) : own;
  }

  /** The latest one whose cosignatures meet the quorum that its own tree asks for; undefined before the first. */
  async withQuorum(): Promise<PublishedCheckpoint | undefined> {
    const cosigned = await this.#parts.store.latest('with quorum');
    return cosigned && this.#open(utf8(cosigned.note));
  }

  /** The latest one that covers entry `index`: with its quorum if there is one, else whatever is published; NOT_FOUND for none. */
  async covering(index: number): Promise<PublishedCheckpoint> {
    const cosigned = await this.withQuorum();
    const covering = cosigned && cosigned.size > index ? cosigned : await this.published();
    refuseUnless(covering.size > index, 'NOT_FOUND', `the log has no entry ${index}`);
    return covering;
  }

  /**
   * Adds what witnesses answered (C2SP signature lines) about the checkpoint of that size, which was published. The same again is a
   * retry, and of one witness the latest counts. Whether they are enough is for the tree of that size to say; witnesses that came later
   * may cosign it too. Refuses MALFORMED; BAD_SIGNATURE for lines of which none is a witness's, or one does not verify; NOT_FOUND for a checkpoint that is too old, or was published before this process began.
   */
  async add(size: number, lines: Bytes): Promise<void> {
    const answer = parseCosignatures(lines);
    const [policy, latest] = await Promise.all([this.#parts.policy(size), this.#parts.policy()]);
    const keys = toKeys(policy, latest);
    for (let attempt = 0; attempt < MAX_CONFLICTS; attempt++) {
      const before = await this.#parts.store.load(size);
      const after = join(await this.#noteOf(size, before), answer, { policy, keys });
      const stored = await this.#parts.store.replace(size, before, after);
      if (stored?.hasQuorum) await this.#parts.store.removeBelow(size);
      if (stored) return;
    }
    throw new Error(`${MAX_CONFLICTS} lost races for the checkpoint of ${size} entries`);
  }

  async #noteOf(size: number, before: CosignedNote | undefined): Promise<UnverifiedNote> {
    if (before) return parseNote(utf8(before.note));
    const known = this.#given.get(size) ?? ((await this.published()).size === size && this.#given.get(size));
    if (!known)
      throw new Refusal('NOT_FOUND', `the checkpoint of ${size} entries is not one that is cosigned`);
    return parseNote(known);
  }

  #remember(size: number, note: Bytes): void {
    this.#given.set(size, note);
    const [oldest] = this.#given.keys();
    if (this.#given.size > MAX_REMEMBERED && oldest !== undefined) this.#given.delete(oldest);
  }

  #open(note: Bytes): PublishedCheckpoint {
    const { size, root } = openCheckpoint(note, this.#parts.logKey, verifyEd25519);
    return { size: Number(size), root, note };
  }
}

/** The note with the lines that are newer than those that it has. */
function join(
  note: UnverifiedNote,
  answer: readonly NoteSignature[],
  { policy, keys }: { readonly policy: TlogPolicy; readonly keys: readonly NoteKey[] },
): Pick<CosignedNote, 'note' | 'hasQuorum'> {
  // Every line is verified, also one that is not taken.
  claimCosignatures(note, answer, keys).verify(checkSignature);
  const newer = answer.filter((line) => isNewer(note, line, keys));
  const joined = newer.length === 0 ? note : claimCosignatures(note, newer, keys).verify(checkSignature);
  refuseUnless(
    joined.signatures.length <= MAX_COSIGNATURES + 1,
    'QUOTA_EXCEEDED',
    'the checkpoint has no room for more cosignatures',
  );
  const cosigners = policy.witnesses.filter(({ key }) => lineOf(joined, key) !== undefined);
  const hasQuorum = isQuorumMet(policy, new Set(cosigners.map(({ name }) => name)));
  return { note: encodeNote(joined), hasQuorum };
}

/** Of the witnesses of both, each once. */
function toKeys(...policies: readonly TlogPolicy[]): NoteKey[] {
  const keys = policies.flatMap(({ witnesses }) => witnesses.map(({ key }) => key));
  return [...new Map(keys.map((key) => [encodeVkey(key), key])).values()];
}

function isNewer(note: UnverifiedNote, line: NoteSignature, keys: readonly NoteKey[]): boolean {
  const key = keys.find((candidate) => isLineOf(line, candidate));
  if (!key) return false;
  const before = lineOf(note, key);
  return before === undefined || timeOf(note.text, line, key) > timeOf(note.text, before, key);
}

function timeOf(text: string, { signature }: NoteSignature, key: NoteKey): bigint {
  return toCosignatureClaim(text, { key, signature }).timeSeconds;
}

function lineOf({ signatures }: UnverifiedNote, key: NoteKey): NoteSignature | undefined {
  return signatures.find((line) => isLineOf(line, key));
}

function isLineOf(line: NoteSignature, { name, keyId }: NoteKey): boolean {
  return line.name === name && isEqualBytes(line.keyId, keyId);
}
