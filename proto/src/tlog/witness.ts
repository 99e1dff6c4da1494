// The decision of a witness (C2SP tlog-witness): what it has seen of a log, and a request, give what it has seen afterwards, or a
// refusal with the HTTP status that the specification names. Storing the first and only then signing is the shell's part.
import { isEqualBytes } from '../bytes.ts';
import { Refusal } from '../refusal.ts';
import type { CheckSignature } from './claimed.ts';
import { toLogClaim } from './cosignature.ts';
import { EMPTY_ROOT, verifyConsistency } from './merkle.ts';
import type { NoteKey } from './note-key.ts';
import { encodeNote, knownLines, type UnverifiedNote } from './note.ts';
import type { TreeHead } from './tile-reader.ts';
import { encodeWitnessSize, SIZE_MEDIA_TYPE, type AddCheckpointRequest } from './witness-protocol.ts';

/** The largest checkpoint of a log that the witness has cosigned, or is about to. */
export interface WitnessedHead extends TreeHead {
  /** The note with the log's own signatures, and no others. */
  readonly note: string;
}

/** Why a witness does not cosign. 401 and other statuses are not the protocol's. */
export interface WitnessRefusal {
  readonly status: 400 | 403 | 404 | 409 | 422;
  /** Body and media type of the answer. */
  readonly body: string;
  readonly mediaType: string;
}

/** What a witness may do. */
export type WitnessDecision =
  | { readonly kind: 'cosign'; readonly head: WitnessedHead }
  | { readonly kind: 'refuse'; readonly refusal: WitnessRefusal };

/** What a witness knows of the log that a request is about. */
export interface WitnessedLog {
  /** The keys that it trusts for the origin; none when it does not know the log. */
  readonly keys: readonly NoteKey[];
  /** The last checkpoint that it cosigned. */
  readonly head: WitnessedHead | undefined;
}

/**
 * Decides about a request. For `cosign`, the shell stores `head` unless somebody else has stored another one since `log.head` was
 * read, and signs after that; for a lost race it decides again.
 */
export function decideCosigning(
  { keys, head }: WitnessedLog,
  request: AddCheckpointRequest,
  check: CheckSignature,
): WitnessDecision {
  const { oldSize, note, checkpoint } = request;
  if (keys.length === 0) return refuse(404, `the log ${checkpoint.origin} is not known here`);
  const signatures = verifiedLines(note, keys, check);
  if (signatures.length === 0) return refuse(403, 'not signed by a key that is trusted for this log');
  if (oldSize > checkpoint.size) return refuse(400, 'the old size is larger than the checkpoint');
  const seen = head?.size ?? 0n;
  if (oldSize !== seen) return { kind: 'refuse', refusal: conflict(seen) };
  const flaw = findFlaw(request, head);
  if (flaw !== undefined) return refuse(422, flaw);
  const { size, root } = checkpoint;
  return { kind: 'cosign', head: { size, root, note: encodeNote({ text: note.text, signatures }) } };
}

/** A refusal of the protocol with a sentence for people. */
export function toWitnessRefusal(status: WitnessRefusal['status'], reason: string): WitnessRefusal {
  return { status, body: `${reason}\n`, mediaType: 'text/plain; charset=utf-8' };
}

function refuse(status: WitnessRefusal['status'], reason: string): WitnessDecision {
  return { kind: 'refuse', refusal: toWitnessRefusal(status, reason) };
}

function conflict(seen: bigint): WitnessRefusal {
  return { status: 409, body: encodeWitnessSize(seen), mediaType: SIZE_MEDIA_TYPE };
}

/** The lines of trusted keys, when all of them verify. A second key of a log may be known here before its log signs with it. */
function verifiedLines(note: UnverifiedNote, keys: readonly NoteKey[], check: CheckSignature) {
  try {
    const known = knownLines(note, keys);
    if (!known.every((line) => check(toLogClaim(note.text, line)))) return [];
    return known.map(({ key: { name, keyId }, signature }) => ({ name, keyId, signature }));
  } catch (error) {
    if (error instanceof Refusal) return [];
    throw error;
  }
}

/** Why the checkpoint does not follow from what the witness has seen, in a sentence; undefined when it does. */
function findFlaw(
  { oldSize, proof, checkpoint }: AddCheckpointRequest,
  head?: WitnessedHead,
): string | undefined {
  const { size, root } = checkpoint;
  if (size === 0n && !isEqualBytes(root, EMPTY_ROOT)) return 'an empty tree has another root';
  if (!head || oldSize === 0n) return proof.length > 0 ? 'a proof from size 0 must be empty' : undefined;
  try {
    verifyConsistency({ oldSize, newSize: size, oldRoot: head.root, newRoot: root, proof });
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error.detail;
    throw error;
  }
}
