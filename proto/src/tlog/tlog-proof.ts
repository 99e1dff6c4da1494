// Offline proofs that an entry is in a log (C2SP tlog-proof): its place, its inclusion proof, and a checkpoint with cosignatures.
import { encodeBase64, parseBase64 } from '../base64.ts';
import { parseUtf8, utf8, type Bytes } from '../bytes.ts';
import { DIGEST_BYTES } from '../digest.ts';
import { Refusal, refuseUnless } from '../refusal.ts';
import type { Claimed } from './claimed.ts';
import { claimCosignedCheckpoint, type CosignedCheckpoint } from './cosigned-checkpoint.ts';
import { hashLeaf, verifyInclusion } from './merkle.ts';
import { encodeNote, parseNote } from './note.ts';
import type { TlogPolicy } from './tlog-policy.ts';
import { toTreeSize } from './tree-size.ts';

const FIRST_LINE = 'c2sp.org/tlog-proof@v1';
const MAX_PROOF_BYTES = 2 << 20;
/** A tree of 2^64-1 leaves has proofs no longer than this. */
const MAX_HASHES = 64;

/** A proof of valid form; nothing in it is verified. */
export interface TlogProof {
  /** Position of the entry, 0 <= index < 2^64. */
  readonly index: bigint;
  /** At most 64 hashes of 32 bytes: the sibling of the leaf first. */
  readonly hashes: readonly Bytes[];
  /** The log's checkpoint with its signature lines, as it was published. */
  readonly checkpoint: string;
  /** Bytes of the application, which nobody signed. */
  readonly extra?: Bytes;
}

/** The proof as a `.tlog-proof` file. */
export function encodeTlogProof({ index, hashes, checkpoint, extra }: TlogProof): string {
  const extraLine = extra ? `extra ${encodeBase64(extra)}\n` : '';
  const hashLines = hashes.map((hash) => `${encodeBase64(hash)}\n`).join('');
  return `${FIRST_LINE}\n${extraLine}index ${index}\n${hashLines}\n${checkpoint}`;
}

/** Parses what encodeTlogProof writes; refuses MALFORMED. One proof has one spelling. */
export function parseTlogProof(bytes: Bytes): TlogProof {
  refuseUnless(bytes.length <= MAX_PROOF_BYTES, 'MALFORMED', 'tlog-proof: too long');
  const { head, rest } = splitAtBlankLine(parseUtf8(bytes, 'tlog-proof'));
  const [first, ...lines] = head;
  refuseUnless(first === FIRST_LINE, 'MALFORMED', `tlog-proof: the first line is not ${FIRST_LINE}`);
  const extra = lines[0]?.startsWith('extra ')
    ? parseBase64(lines.shift()!.slice(6), 'extra data')
    : undefined;
  const index = parseIndex(lines.shift() ?? '');
  refuseUnless(lines.length <= MAX_HASHES, 'MALFORMED', `tlog-proof: more than ${MAX_HASHES} hashes`);
  const hashes = lines.map(parseHashLine);
  const checkpoint = encodeNote(parseNote(utf8(rest)));
  return { index, hashes, checkpoint, ...(extra && { extra }) };
}

/**
 * The checkpoint under which `entry` is logged at the proof's index, once its signatures verify: signed by a log of the policy
 * and cosigned by its quorum. Refuses BAD_PROOF, or what claimCosignedCheckpoint refuses.
 */
export function claimLogged(
  { index, hashes, checkpoint }: TlogProof,
  entry: Bytes,
  policy: TlogPolicy,
): Claimed<CosignedCheckpoint> {
  return claimCosignedCheckpoint(utf8(checkpoint), policy).map((cosigned) => {
    const { size, root } = cosigned;
    verifyInclusion({ index, size, root, leafHash: hashLeaf(entry), proof: hashes });
    return cosigned;
  });
}

/** Lines up to the first blank line, and the text behind it. Shared by the formats that put a note behind lines of hashes. */
export function splitAtBlankLine(text: string): { head: string[]; rest: string } {
  const split = text.indexOf('\n\n');
  if (split < 0) throw new Refusal('MALFORMED', 'no blank line before the checkpoint');
  return { head: text.slice(0, split).split('\n'), rest: text.slice(split + 2) };
}

/** A line that is one hash in base64; refuses MALFORMED. */
export function parseHashLine(line: string): Bytes {
  const hash = parseBase64(line, 'hash of a proof');
  refuseUnless(hash.length === DIGEST_BYTES, 'MALFORMED', `hash of a proof: not ${DIGEST_BYTES} bytes`);
  return hash;
}

function parseIndex(line: string): bigint {
  const index = line.startsWith('index ') ? toTreeSize(line.slice(6)) : undefined;
  if (index === undefined) throw new Refusal('MALFORMED', 'tlog-proof: no index line');
  return index;
}
