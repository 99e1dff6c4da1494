// Whether what is said beside a log of who must have cosigned is what the log itself says, and whether they did.
import { isEqualBytes, type Bytes } from '@blindsum/proto';
import { checkSignature, verifyEd25519 } from '@blindsum/proto/node';
import {
  claimCosignedCheckpoint,
  isSamePolicy,
  merkleRoot,
  NO_QUORUM,
  openCheckpoint,
  parseTlogPolicy,
  type Checkpoint,
  type NoteKey,
  type TlogPolicy,
} from '@blindsum/proto/tlog';
import type { CosigningHistory } from './cosigning-history.ts';
import { toFinding, type Finding } from './finding.ts';
import { COSIGNED, POLICY, type Served } from './served-log.ts';

/** What is known of the cosigning of a log. */
export interface CosigningReport {
  /** Which record asks for whom, in words; null where the log does not say it. */
  readonly asked: string | null;
  /** Whether the policy beside the log is the one that follows from it. */
  readonly servedPolicy: 'same' | 'other' | 'absent' | 'not compared';
  /** Entries of the latest checkpoint that was cosigned as its own tree asks for it; null for none, or where that is not said. */
  readonly cosignedSize: number | null;
}

export interface CosigningVerdict {
  readonly report: CosigningReport;
  /** About the policy, and about the cosigned checkpoint. */
  readonly policyFindings: readonly Finding[];
  readonly cosignedFindings: readonly Finding[];
}

/** A log that was read to its end. */
export interface ReadLog {
  readonly history: CosigningHistory;
  readonly logKey: NoteKey;
  readonly checkpoint: Checkpoint;
  readonly entryHashes: readonly Bytes[];
}

/** Nothing is known where records of the log cannot be read. */
export const UNKNOWN_COSIGNING: CosigningVerdict = {
  report: { asked: null, servedPolicy: 'not compared', cosignedSize: null },
  policyFindings: [],
  cosignedFindings: [],
};

export function checkCosigning(served: Served, log: ReadLog): CosigningVerdict {
  const { history, logKey, checkpoint } = log;
  const { servedPolicy, findings: policyFindings } = checkPolicy(served, log);
  const { cosignedSize, findings: cosignedFindings } = checkCosigned(served, log);
  const asked = history.at(Number(checkpoint.size), logKey)?.asked ?? null;
  return { report: { asked, servedPolicy, cosignedSize }, policyFindings, cosignedFindings };
}

function checkPolicy(
  { policy, fromSize }: Served,
  { history, logKey, checkpoint }: ReadLog,
): Pick<CosigningReport, 'servedPolicy'> & { readonly findings: readonly Finding[] } {
  const to = Number(checkpoint.size);
  const asked = history.between(fromSize < 0 || fromSize > to ? to : fromSize, to, logKey);
  if (!policy) return { servedPolicy: 'absent', findings: [] };
  const last = asked.at(-1);
  if (!last) return { servedPolicy: 'not compared', findings: [] };
  try {
    const found = parseTlogPolicy(policy);
    if (asked.some((one) => isSamePolicy(one.policy, found))) return { servedPolicy: 'same', findings: [] };
    const message = `${POLICY}: it is not what the log says: ${last.asked}; the served policy asks for ${describePolicy(found)}${describeStrangers(found, last.policy)}`;
    return { servedPolicy: 'other', findings: [{ code: 'POLICY_MISMATCH', message }] };
  } catch (error) {
    return { servedPolicy: 'other', findings: [toFinding(error, { prefix: `${POLICY}: ` })] };
  }
}

function checkCosigned(
  { cosigned }: Served,
  log: ReadLog,
): Pick<CosigningReport, 'cosignedSize'> & { readonly findings: readonly Finding[] } {
  if (!cosigned) return { cosignedSize: null, findings: [] };
  try {
    const { size, root } = openCheckpoint(cosigned, log.logKey, verifyEd25519);
    const finding = compareTree(Number(size), root, log);
    if (finding) return { cosignedSize: null, findings: [finding] };
    const asked = log.history.at(Number(size), log.logKey);
    if (!asked) return { cosignedSize: null, findings: [] };
    claimCosignedCheckpoint(cosigned, asked.policy).verify(checkSignature);
    return { cosignedSize: Number(size), findings: [] };
  } catch (error) {
    return { cosignedSize: null, findings: [toFinding(error, { prefix: `${COSIGNED}: ` })] };
  }
}

function compareTree(size: number, root: Bytes, { entryHashes }: ReadLog): Finding | undefined {
  if (size > entryHashes.length) {
    const message = `${COSIGNED}: it has ${size} entries, more than the log beside it`;
    return { code: 'BAD_CHECKPOINT', message };
  }
  if (isEqualBytes(merkleRoot(entryHashes.slice(0, size)), root)) return undefined;
  const message = `${COSIGNED}: the first ${size} entries of the log have another root, and the log signed both`;
  return { code: 'ROOT_MISMATCH', message };
}

function describePolicy({ groups, witnesses, quorum }: TlogPolicy): string {
  if (quorum === NO_QUORUM) return 'nobody';
  const names = new Set(witnesses.map(({ name }) => name));
  const counted = groups.filter(({ members }) => members.every((member) => names.has(member)));
  const parts = counted.map(({ name, threshold, members }) => `${threshold} of ${members.length} (${name})`);
  return parts.length === 0 ? quorum : parts.join(' and ');
}

/** Who is in the served policy only. */
function describeStrangers(found: TlogPolicy, asked: TlogPolicy): string {
  const known = asked.witnesses.map(({ key }) => key.publicKey);
  const strangers = found.witnesses.filter(
    ({ key }) => !known.some((publicKey) => isEqualBytes(publicKey, key.publicKey)),
  );
  if (strangers.length === 0) return '';
  return `, and counts witnesses that the log does not name: ${strangers.map(({ name }) => name).join(', ')}`;
}
