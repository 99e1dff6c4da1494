// Cosignatures (C2SP tlog-cosignature): a witness states that at some time a checkpoint was the largest consistent one it had
// seen of a log. Ed25519 (key type 0x04) signs the checkpoint's text, ML-DSA-44 (0x06) its origin, size and root.
import { concat, toHex, utf8, type Bytes } from '../bytes.ts';
import { refuseUnless } from '../refusal.ts';
import type { Sign } from '../signed-message.ts';
import { parseCheckpoint } from './checkpoint.ts';
import type { SignatureClaim } from './claimed.ts';
import type { NoteKey } from './note-key.ts';
import { toTextClaim, type KnownLine, type NoteSignature } from './note.ts';

const TIME_BYTES = 8;
const MAX_TIME = (1n << 63n) - 1n;
const SUBTREE_LABEL = utf8('subtree/v1\n\0');
const MAX_NAME_BYTES = 255;

/** When a witness saw a checkpoint, as it says itself. */
export interface CosignatureClaim {
  /** POSIX seconds, 0 <= time < 2^63. */
  readonly timeSeconds: bigint;
  readonly signature: SignatureClaim;
}

/** What a cosigner signs. */
export interface Cosigned {
  /** The note's text: a checkpoint, with its extension lines. */
  readonly text: string;
  /** POSIX seconds, 0 < time < 2^63. */
  readonly timeSeconds: bigint;
}

/**
 * The signature line of `cosigner`, a key of a cosignature type; `sign` holds its secret half. Throws a RangeError for another
 * time, and for a name or an origin over 255 bytes; refuses BAD_CHECKPOINT for a text that is no checkpoint.
 */
export function signCosignature(cosigned: Cosigned, cosigner: NoteKey, sign: Sign): NoteSignature {
  const { timeSeconds } = cosigned;
  // A time of zero would say that nothing is claimed about how recent the checkpoint is.
  if (timeSeconds <= 0n || timeSeconds > MAX_TIME) throw new RangeError('not a time of a cosignature');
  const signature = sign(cosignedMessage(cosigned, cosigner));
  const { name, keyId } = cosigner;
  return { name, keyId, signature: concat(toUint64Bytes(timeSeconds), signature) };
}

/** The claim of a cosigner's line about a checkpoint's text; refuses MALFORMED for a line too short or a time over 2^63-1. */
export function toCosignatureClaim(text: string, { key, signature }: KnownLine): CosignatureClaim {
  refuseUnless(signature.length > TIME_BYTES, 'MALFORMED', `cosignature of ${key.name}: too short`);
  const timeSeconds = fromUint64Bytes(signature.subarray(0, TIME_BYTES));
  refuseUnless(timeSeconds <= MAX_TIME, 'MALFORMED', `cosignature of ${key.name}: time`);
  const claim = {
    algorithm: key.type === 'ml-dsa-44-cosignature' ? 'ml-dsa-44' : 'ed25519',
    publicKey: key.publicKey,
    message: cosignedMessage({ text, timeSeconds }, key),
    signature: signature.slice(TIME_BYTES),
    refusal: `invalid cosignature of ${key.name}+${toHex(key.keyId)}`,
  } as const;
  return { timeSeconds, signature: claim };
}

/** The claim of a log's line about its checkpoint's text, by a key of either type; refuses MALFORMED as toCosignatureClaim. */
export function toLogClaim(text: string, line: KnownLine): SignatureClaim {
  return line.key.type === 'ed25519' ? toTextClaim(text, line) : toCosignatureClaim(text, line).signature;
}

/** The bytes that a cosigner signs; throws a RangeError for a key that does not cosign. */
export function cosignedMessage({ text, timeSeconds }: Cosigned, { name, type }: NoteKey): Bytes {
  switch (type) {
    case 'ed25519-cosignature':
      return utf8(`cosignature/v1\ntime ${timeSeconds}\n${text}`);
    case 'ml-dsa-44-cosignature':
      return subtreeMessage({ text, timeSeconds }, name);
    case 'ed25519':
      throw new RangeError('the key of a log does not cosign');
  }
}

function subtreeMessage({ text, timeSeconds }: Cosigned, cosigner: string): Bytes {
  const { origin, size, root } = parseCheckpoint(text);
  return concat(
    SUBTREE_LABEL,
    withLength(cosigner),
    toUint64Bytes(timeSeconds),
    withLength(origin),
    toUint64Bytes(0n),
    toUint64Bytes(size),
    root,
  );
}

function withLength(name: string): Bytes {
  const bytes = utf8(name);
  if (bytes.length > MAX_NAME_BYTES) throw new RangeError(`a name has at most ${MAX_NAME_BYTES} bytes`);
  return concat(Uint8Array.of(bytes.length), bytes);
}

function toUint64Bytes(value: bigint): Bytes {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}

function fromUint64Bytes(bytes: Bytes): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0);
}
