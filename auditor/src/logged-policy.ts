// Who must have cosigned the tree of a kept proof, from a copy of its log: nobody has to be believed about it.
import { isEqualBytes, Refusal, refuseUnless, type Bytes } from '@blindsum/proto';
import { isSamePolicy, merkleRoot, parseCheckpoint, parseNote, type TlogPolicy } from '@blindsum/proto/tlog';
import type { AuditedLog } from './fsck.ts';
import { toLine } from './report.ts';

/**
 * What the log asks for the tree of `checkpoint`, whose log signature is for the caller to verify; `given` must be the same, if there is
 * one. Refuses BAD_RECORD for a log that is not in order, BAD_CHECKPOINT for a tree that it does not reach, ROOT_MISMATCH for one that it
 * does not begin with, NOT_FOUND where it does not say it, and POLICY_MISMATCH.
 */
export function toLoggedPolicy(
  { report, read }: AuditedLog,
  checkpoint: Bytes,
  given: TlogPolicy | undefined,
): TlogPolicy {
  const [first] = report.findings;
  if (!read || first)
    throw new Refusal('BAD_RECORD', `the log is not in order: ${first ? toLine(first) : 'it has no tree'}`);
  const { size, root } = parseCheckpoint(parseNote(checkpoint).text);
  const { entryHashes, cosigning, logKey } = read;
  const isReached = size <= BigInt(entryHashes.length);
  refuseUnless(isReached, 'BAD_CHECKPOINT', `the copy of the log has fewer entries than the proof's ${size}`);
  const own = merkleRoot(entryHashes.slice(0, Number(size)));
  refuseUnless(isEqualBytes(own, root), 'ROOT_MISMATCH', 'the proof is of another tree than that of the log');
  const asked = cosigning.at(Number(size), logKey);
  if (!asked) throw new Refusal('NOT_FOUND', 'the log does not say who must have cosigned that tree');
  const isSame = !given || isSamePolicy(given, asked.policy);
  refuseUnless(isSame, 'POLICY_MISMATCH', `the policy is not what the log says: ${asked.asked}`);
  return asked.policy;
}
