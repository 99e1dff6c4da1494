// Checkpoints (C2SP tlog-checkpoint v1.0.0): the signed statement of a log that its tree of some size has some root.
import { encodeBase64, parseBase64 } from '../base64.ts';
import type { Bytes } from '../bytes.ts';
import { DIGEST_BYTES } from '../digest.ts';
import { Refusal, refuseUnless } from '../refusal.ts';
import type { Sign, VerifySignature } from '../signed-message.ts';
import { Claimed } from './claimed.ts';
import type { NoteKey } from './note-key.ts';
import { claimNote, parseNote, signNote, toEd25519Check } from './note.ts';
import { toTreeSize } from './tree-size.ts';

/** What a log says about itself. */
export interface Checkpoint {
  /** Name of the log: a bare host name, equal to the name of its key. */
  readonly origin: string;
  /** Number of entries, 0 <= size < 2^64. */
  readonly size: bigint;
  /** Root of the tree, 32 bytes. */
  readonly root: Bytes;
  /** Further lines, each not empty. This project writes none. */
  readonly extensions?: readonly string[];
}

/** The text that is signed; ends in a newline. */
export function encodeCheckpoint({ origin, size, root, extensions = [] }: Checkpoint): string {
  return [origin, String(size), encodeBase64(root), ...extensions, ''].join('\n');
}

/** Parses hostile text; refuses BAD_CHECKPOINT, or MALFORMED for the root's base64. One checkpoint has one spelling. */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin = '', size = '', root = '', ...extensions] = text.split('\n');
  refuseUnless(
    extensions.pop() === '',
    'BAD_CHECKPOINT',
    'expected at least three lines and a final newline',
  );
  refuseUnless(origin !== '', 'BAD_CHECKPOINT', 'no origin');
  const entries = toTreeSize(size);
  if (entries === undefined) throw new Refusal('BAD_CHECKPOINT', 'tree size');
  refuseUnless(!extensions.includes(''), 'BAD_CHECKPOINT', 'empty extension line');
  const rootBytes = parseBase64(root, 'checkpoint root');
  refuseUnless(rootBytes.length === DIGEST_BYTES, 'BAD_CHECKPOINT', 'root is not 32 bytes');
  return { origin, size: entries, root: rootBytes, ...(extensions.length > 0 && { extensions }) };
}

/** The checkpoint as a signed note. Throws a RangeError when the key is not named like the origin. */
export function signCheckpoint(checkpoint: Checkpoint, key: NoteKey, sign: Sign): string {
  if (key.name !== checkpoint.origin)
    throw new RangeError('the checkpoint key must have the name of the log');
  return signNote(encodeCheckpoint(checkpoint), key, sign);
}

/**
 * Hostile bytes as the checkpoint that the log of `key` signed. Refuses MALFORMED or BAD_SIGNATURE; when its signature is
 * verified, BAD_CHECKPOINT for a text that is no checkpoint of that log.
 */
export function claimCheckpoint(bytes: Bytes, key: NoteKey): Claimed<Checkpoint> {
  const note = parseNote(bytes);
  return new Claimed(claimNote(note, [key]).signatures, () => {
    const checkpoint = parseCheckpoint(note.text);
    const { origin } = checkpoint;
    refuseUnless(origin === key.name, 'BAD_CHECKPOINT', `checkpoint of another log: ${origin}`);
    return checkpoint;
  });
}

/**
 * Parses and verifies hostile bytes: a note signed by the log's `key`, whose text is a checkpoint of that log.
 * Refuses MALFORMED, BAD_SIGNATURE or BAD_CHECKPOINT.
 */
export function openCheckpoint(note: Bytes, key: NoteKey, verify: VerifySignature): Checkpoint {
  return claimCheckpoint(note, key).verify(toEd25519Check(verify));
}
