// What a kept proof proves, with nothing but files: who signed the record, that the log has it, who else saw that log, and that a
// model is the one that the record names.
import {
  domainDigest,
  isEqualBytes,
  Refusal,
  refuseUnless,
  sha256,
  toHex,
  utf8,
  type Bytes,
  type Digest,
} from '@blindsum/proto';
import { checkSignature, verifyP256 } from '@blindsum/proto/node';
import { toKeyHint, toLogId } from '@blindsum/proto/provenance';
import {
  claimLogged,
  NO_QUORUM,
  parseLeaf,
  parseRecord,
  recordDigest,
  recordName,
  verifyRecord,
  type Cosigning,
  type LogRecord,
  type NoteKey,
  type TlogPolicy,
} from '@blindsum/proto/tlog';
import { toFinding, type Finding } from './finding.ts';
import type { AuditedLog } from './fsck.ts';
import { toLoggedPolicy } from './logged-policy.ts';
import { openProof, type HeldProof, type ProofFiles } from './held-proof.ts';

/** What the verifier trusts, from elsewhere. */
export interface ProofTrust {
  /** Keys of logs, one of which must have signed the tree. */
  readonly logKeys: readonly NoteKey[];
  /** Who must have seen the same tree. */
  readonly policy?: TlogPolicy;
  /** A copy of the log, which says who must have; `policy` must be the same then, if there is one. */
  readonly log?: AuditedLog;
  /** SubjectPublicKeyInfo of the key that signs records; without it the key that a bundle brings is taken. */
  readonly recordKey?: Bytes;
}

/** What each check proves, in the order in which they are made. */
export const PROOF_CHECKS = {
  form: 'The files are what they must be, in their one spelling.',
  signature: 'The record was signed, as it is, by the key that signs the records of the federation.',
  log: 'The log has this record in this place: its key signed the tree that holds it.',
  witnesses: 'Enough witnesses signed that tree too, so that the log shows nobody another one.',
  model: 'The model file is, byte for byte, the one that the record names.',
} as const;

export type ProofCheckName = keyof typeof PROOF_CHECKS;

export interface ProofCheck {
  readonly name: ProofCheckName;
  readonly status: 'ok' | 'failed' | 'skipped';
  readonly proves: string;
  readonly findings: readonly Finding[];
}

/** The verdict on a proof. */
export interface ProofReport {
  readonly ok: boolean;
  /** Name of the log, number of its entries, and the place of this one; '' and 0 unless verified. */
  readonly origin: string;
  readonly size: number;
  readonly entry: number;
  /** Null when it cannot be read. */
  readonly record: { readonly name: string; readonly digest: Digest; readonly said: LogRecord } | null;
  /** SHA-256 of the PEM form of the key that signed, and whether nobody but the bundle vouches for it. */
  readonly keyHint: string;
  readonly isKeyFromBundle: boolean;
  /** With the times that they state, in seconds since 1970. */
  readonly witnesses: readonly { readonly name: string; readonly timeSeconds: number }[];
  readonly checks: readonly ProofCheck[];
}

/**
 * Verifies a bundle, or a .tlog-proof and its record; with `model`, also that these bytes are the model that the record names.
 * Refuses CONFIG_INVALID when a file that the format needs is not there; whatever is wrong is in the report.
 */
export function verifyProof(files: ProofFiles, trust: ProofTrust, model?: Bytes): ProofReport {
  const checks = new Checks();
  const held = checks.run('form', () => openProof(files, trust.recordKey));
  const said = held && checks.run('form', () => parseRecord(held.envelope.payload));
  if (held) checks.run('signature', () => verifySigner(held));
  const logged = held && checks.run('log', () => verifyLogged(held, trust));
  const isCosigningAsked = trust.policy !== undefined || trust.log !== undefined;
  const cosigned = held && isCosigningAsked && checks.run('witnesses', () => verifyWitnesses(held, trust));
  if (said && model) checks.run('model', () => verifyModel(said, model));
  const asked: ProofCheckName[] = [
    'form',
    'signature',
    'log',
    ...(isCosigningAsked ? (['witnesses'] as const) : []),
    ...(model ? (['model'] as const) : []),
  ];
  const results = asked.map((name) => checks.resultOf(name));
  return {
    ok: results.every(({ status }) => status === 'ok'),
    origin: logged?.origin ?? '',
    size: Number(logged?.size ?? 0n),
    entry: logged ? Number(held.proof.index) : 0,
    record:
      said && held ? { name: recordName(said), digest: recordDigest(held.envelope.payload), said } : null,
    keyHint: held ? toKeyHint(held.signerSpki) : '',
    isKeyFromBundle: !trust.recordKey,
    witnesses: (cosigned ? cosigned.cosignings : []).map(toWitness),
    checks: results,
  };
}

/** What each check that was made found. */
class Checks {
  readonly #findings = new Map<ProofCheckName, Finding[]>();

  /** The value, or undefined with a finding when it is refused. */
  run<T>(name: ProofCheckName, check: () => T): T | undefined {
    const findings = this.#findings.get(name) ?? [];
    this.#findings.set(name, findings);
    try {
      return check();
    } catch (error) {
      if (error instanceof Refusal && error.code === 'CONFIG_INVALID') throw error;
      findings.push(toFinding(error));
      return undefined;
    }
  }

  resultOf(name: ProofCheckName): ProofCheck {
    const findings = this.#findings.get(name);
    const status = !findings ? 'skipped' : findings.length === 0 ? 'ok' : 'failed';
    return { name, status, proves: PROOF_CHECKS[name], findings: findings ?? [] };
  }
}

function verifySigner({ envelope, leaf: bytes, signerSpki }: HeldProof): void {
  const leaf = parseLeaf(bytes);
  const isSame = isEqualBytes(leaf.publicKeySpki, signerSpki);
  refuseUnless(isSame, 'BAD_SIGNATURE', 'the entry of the log is signed by another key');
  verifyRecord({ envelope, leaf, verify: verifyP256 });
}

function verifyLogged(held: HeldProof, { logKeys }: ProofTrust) {
  const { logId } = held;
  const keys = logId ? logKeys.filter((key) => isEqualBytes(toLogId(key), logId)) : logKeys;
  refuseUnless(
    keys.length > 0,
    'BAD_CHECKPOINT',
    'the bundle is of a log whose key is not among those that you trust',
  );
  return claim(held, { logs: keys.map((key) => ({ key })), witnesses: [], groups: [], quorum: NO_QUORUM });
}

function verifyWitnesses(held: HeldProof, { policy, log }: ProofTrust) {
  const asked = log ? toLoggedPolicy(log, utf8(held.proof.checkpoint), policy) : policy;
  return asked && claim(held, asked);
}

function claim({ proof, leaf }: HeldProof, policy: TlogPolicy) {
  return claimLogged(proof, leaf, policy).verify(checkSignature);
}

function verifyModel({ kind, predicate }: LogRecord, model: Bytes): void {
  const encoded = toHex(domainDigest('blindsum/v1/model', model));
  switch (kind) {
    case 'round':
      return refuseUnless(encoded === predicate.modelHash, 'MODEL_MISMATCH', 'the round gave another model');
    case 'release': {
      const isFile = toHex(sha256(model)) === predicate.fileDigest || encoded === predicate.modelHash;
      return refuseUnless(isFile, 'MODEL_MISMATCH', 'another model was made public');
    }
    default:
      throw new Refusal('MODEL_MISMATCH', `a ${kind} record names no model`);
  }
}

function toWitness({ witness, timeSeconds }: Cosigning) {
  return { name: witness, timeSeconds: Number(timeSeconds) };
}
