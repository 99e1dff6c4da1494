// Checkpoints with the cosignatures that a policy asks for: what rules out that a log shows different trees to different people.
import { toHex, type Bytes } from '../bytes.ts';
import { refuseUnless } from '../refusal.ts';
import { parseCheckpoint, type Checkpoint } from './checkpoint.ts';
import { Claimed, type SignatureClaim } from './claimed.ts';
import { toCosignatureClaim } from './cosignature.ts';
import { knownLines, parseNote, toTextClaim, type KnownLine, type UnverifiedNote } from './note.ts';
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
  const logClaims = knownLines(note, logKeys).map((line) => toTextClaim(note.text, line));
  const { cosignings, claims } = readCosignatures(note, policy);
  const witnesses = cosignings.map(({ witness }) => witness);
  refuseUnless(
    isQuorumMet(policy, new Set(witnesses)),
    'TOO_FEW_COSIGNATURES',
    `the policy asks for ${policy.quorum}; cosigned by ${witnesses.join(', ') || 'no witness of it'}`,
  );
  return new Claimed([...logClaims, ...claims], () => ({ ...checkpoint, cosignings }));
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
  return signatures.flatMap(({ name, keyId, signature }): { witness: string; line: KnownLine }[] => {
    const found = byKey.get(`${name}+${toHex(keyId)}`);
    return found ? [{ witness: found.name, line: { key: found.key, signature } }] : [];
  });
}
