// What a log sends a witness (C2SP tlog-witness): the size it believes the witness has seen, a consistency proof from there, and
// its new checkpoint.
import { encodeBase64 } from '../base64.ts';
import { parseUtf8, toHex, utf8, type Bytes } from '../bytes.ts';
import { sha256 } from '../digest.ts';
import { Refusal, refuseUnless } from '../refusal.ts';
import { parseCheckpoint, type Checkpoint } from './checkpoint.ts';
import {
  encodeNote,
  parseNote,
  parseSignatureLines,
  type NoteSignature,
  type UnverifiedNote,
} from './note.ts';
import { parseHashLine, splitAtBlankLine } from './tlog-proof.ts';
import { toTreeSize } from './tree-size.ts';

/** Longest request that is read. */
export const MAX_REQUEST_BYTES = 1 << 20;
/** Longest answer that is read. */
export const MAX_ANSWER_BYTES = 1 << 20;
const MAX_HASHES = 63;
/** Media type of the answer that tells the size which the witness has seen. */
export const SIZE_MEDIA_TYPE = 'text/x.tlog.size';

/** A request to cosign. Nothing in it is verified. */
export interface AddCheckpointRequest {
  /** Size of the last checkpoint that the witness cosigned, as the log believes; 0 for none. */
  readonly oldSize: bigint;
  /** At most 63 hashes of 32 bytes. */
  readonly proof: readonly Bytes[];
  readonly note: UnverifiedNote;
  /** What the note says. */
  readonly checkpoint: Checkpoint;
}

/** The body of `POST <submission prefix>/add-checkpoint`. Throws a RangeError for more than 63 hashes. */
export function encodeAddCheckpoint({
  oldSize,
  proof,
  note,
}: Omit<AddCheckpointRequest, 'checkpoint'>): Bytes {
  if (proof.length > MAX_HASHES) throw new RangeError(`a request has at most ${MAX_HASHES} hashes`);
  const hashLines = proof.map((hash) => `${encodeBase64(hash)}\n`).join('');
  return utf8(`old ${oldSize}\n${hashLines}\n${encodeNote(note)}`);
}

/** Parses a request up to 1 MiB; refuses MALFORMED or BAD_CHECKPOINT, both of them the 400 of the specification. */
export function parseAddCheckpoint(bytes: Bytes): AddCheckpointRequest {
  refuseUnless(bytes.length <= MAX_REQUEST_BYTES, 'MALFORMED', 'add-checkpoint: too long');
  const { head, rest } = splitAtBlankLine(parseUtf8(bytes, 'add-checkpoint'));
  const [first = '', ...lines] = head;
  const oldSize = first.startsWith('old ') ? toTreeSize(first.slice(4)) : undefined;
  if (oldSize === undefined) throw new Refusal('MALFORMED', 'add-checkpoint: no old size');
  refuseUnless(lines.length <= MAX_HASHES, 'MALFORMED', `add-checkpoint: more than ${MAX_HASHES} hashes`);
  const proof = lines.map(parseHashLine);
  const note = parseNote(utf8(rest));
  return { oldSize, proof, note, checkpoint: parseCheckpoint(note.text) };
}

/** Parses the body of an answer of status 200: the witness's signature lines. Refuses MALFORMED. */
export function parseCosignatures(bytes: Bytes): NoteSignature[] {
  refuseUnless(bytes.length <= MAX_ANSWER_BYTES, 'MALFORMED', 'cosignatures: too long');
  return parseSignatureLines(parseUtf8(bytes, 'cosignatures'));
}

/** The body of an answer of status 409. */
export function encodeWitnessSize(size: bigint): string {
  return `${size}\n`;
}

/** Parses the body of an answer of status 409: the size that the witness has seen. Refuses MALFORMED. */
export function parseWitnessSize(bytes: Bytes): bigint {
  const text = parseUtf8(bytes.subarray(0, 32), 'size of a witness');
  const size = text.endsWith('\n') ? toTreeSize(text.slice(0, -1)) : undefined;
  if (size === undefined || bytes.length > 32) throw new Refusal('MALFORMED', 'size of a witness');
  return size;
}

/** The path below a witness's monitoring prefix at which the last cosigned checkpoint of a log is. */
export function toMonitoringPath(origin: string): string {
  return `${toHex(sha256(utf8(origin)))}/checkpoint`;
}
