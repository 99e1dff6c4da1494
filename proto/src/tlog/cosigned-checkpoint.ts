// Checkpoints with the cosignatures that a policy asks for: what rules out that a log shows different trees to different people.
import { toHex, type Bytes } from '../bytes.ts';
import { refuseUnless } from '../refusal.ts';
import { parseCheckpoint, type Checkpoint } from './checkpoint.ts';
import { Claimed, type SignatureClaim } from './claimed.ts';
import { toCosignatureClaim, toLogClaim } from './cosignature.ts';
import type { NoteKey } from './note-key.ts';
import { knownLines, parseNote, type KnownLine, type NoteSignature, type UnverifiedNote } from './note.ts';
import { isQuorumMet, type TlogPolicy } from './tlog-policy.ts';

/** A witness of the policy and when it saw the checkpoint, by its own clock. */
export interface Cosigning {
  /** The witness's name in the policy. */
  readonly witness: string;
  /** POSIX seconds. */
  readonly timeSeconds: bigint;
}

/** A checkpoint and who vouches for it. */
export interface CosignedCheckpoint extends Checkpoint {
  /** One for each witness of the policy that cosigned, with its latest time. */
  readonly cosignings: readonly Cosigning[];
}

/**
 * Hostile bytes as a checkpoint that satisfies `policy`: signed by the log of its origin, cosigned by a quorum. Every line of a
 * log or a witness of the policy must verify; other lines are ignored. Refuses MALFORMED, BAD_CHECKPOINT, BAD_SIGNATURE (the log
 * is not in the policy, or did not sign) or TOO_FEW_COSIGNATURES.
 */
export function claimCosignedCheckpoint(bytes: Bytes, policy: TlogPolicy): Claimed<CosignedCheckpoint> {
  const note = parseNote(bytes);
  const checkpoint = parseCheckpoint(note.text);
  const logKeys = policy.logs.map(({ key }) => key).filter(({ name }) => name === checkpoint.origin);
  const logClaims = knownLines(note, logKeys).map((line) => toLogClaim(note.text, line));
  const { cosignings, claims } = readCosignatures(note, policy);
  const witnesses = cosignings.map(({ witness }) => witness);
  refuseUnless(
    isQuorumMet(policy, new Set(witnesses)),
    'TOO_FEW_COSIGNATURES',
    `the policy asks for ${policy.quorum}; cosigned by ${witnesses.join(', ') || 'no witness of it'}`,
  );
  return new Claimed([...logClaims, ...claims], () => ({ ...checkpoint, cosignings }));
}

/**
 * A log's note with the cosignatures of a witness's answer, once they verify: one line for each of `keys`, in the place of the one
 * that the note has. Lines of other keys are left out. Refuses BAD_SIGNATURE when the answer has none of these keys, MALFORMED for
 * a line that is no cosignature.
 */
export function claimCosignatures(
  { text, signatures }: UnverifiedNote,
  answer: readonly NoteSignature[],
  keys: readonly NoteKey[],
): Claimed<UnverifiedNote> {
  const known = knownLines({ text, signatures: answer }, keys);
  const claims = known.map((line) => toCosignatureClaim(text, line).signature);
  const added = new Map(
    known.map(({ key, signature }) => [idOf(key), { name: key.name, keyId: key.keyId, signature }]),
  );
  const kept = signatures.filter((line) => !added.has(idOf(line)));
  return new Claimed(claims, () => ({ text, signatures: [...kept, ...added.values()] }));
}

function readCosignatures(note: UnverifiedNote, policy: TlogPolicy) {
  const latest = new Map<string, bigint>();
  const claims: SignatureClaim[] = [];
  for (const { witness, line } of cosigningLines(note, policy)) {
    const { timeSeconds, signature } = toCosignatureClaim(note.text, line);
    claims.push(signature);
    const earlier = latest.get(witness) ?? 0n;
    latest.set(witness, timeSeconds > earlier ? timeSeconds : earlier);
  }
  const cosignings = [...latest].map(([witness, timeSeconds]) => ({ witness, timeSeconds }));
  return { cosignings, claims };
}

function cosigningLines({ signatures }: UnverifiedNote, { witnesses }: TlogPolicy) {
  const byKey = new Map(witnesses.map(({ name, key }) => [`${key.name}+${toHex(key.keyId)}`, { name, key }]));
  return signatures.flatMap((line): { witness: string; line: KnownLine }[] => {
    const found = byKey.get(idOf(line));
    return found ? [{ witness: found.name, line: { key: found.key, signature: line.signature } }] : [];
  });
}

function idOf({ name, keyId }: Pick<NoteKey, 'name' | 'keyId'>): string {
  return `${name}+${toHex(keyId)}`;
}
