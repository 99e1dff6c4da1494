// Every contributor states what its ciphertext adds to the challenge (PROTOCOL.md section 5, "checksum"). Only a sum that
// holds each member of U exactly once goes on to be opened.
import { Q, refuseUnless, type Digest } from '@blindsum/proto';
import { conflict, heldFor, isComplete, missing } from './held.ts';
import { becomes, fail, unchanged, wrongPhase } from './outcome.ts';
import type { ChecksumEntry, Opening, RoundEvent, Summed, Transition } from './round.ts';

export function whileSummed(round: Summed, event: RoundEvent, nowMs: number): Transition {
  switch (event.kind) {
    case 'checksum':
      return withChecksum(round, event, nowMs);
    case 'deadline':
      return atDeadline(round, nowMs);
    default:
      return wrongPhase(round, event);
  }
}

function withChecksum(
  round: Summed,
  event: Extract<RoundEvent, { kind: 'checksum' }>,
  nowMs: number,
): Transition {
  const { subject, entry } = event;
  refuseUnless(
    round.set.members.includes(subject),
    'NOT_A_CONTRIBUTOR',
    `${subject} is not in the sealed set`,
  );
  verifyRoots(round, event);
  const isAllowed = entry.signer === subject || round.proxiesWanted.includes(subject);
  refuseUnless(isAllowed, 'WRONG_PHASE', `no proxy is wanted for ${subject}`);
  refuseUnless(entry.values.every(isResidue), 'BAD_CHECKSUM', `checksum of ${subject}: not residues mod q`);
  const earlier = heldFor(round.checksums, subject);
  if (earlier) return isSame(earlier, entry) ? unchanged(round) : conflict(subject);
  const next: Summed = { ...round, checksums: { ...round.checksums, [subject]: entry } };
  return isComplete(round.set.members, next.checksums) ? compare(next, nowMs) : becomes(next);
}

/** Σ h_i = <r, C> for both repetitions, or the sum is not that of the set. */
function compare(round: Summed, nowMs: number): Transition {
  const isEqual = ([0, 1] as const).every((rep) => total(round, rep) === toResidue(round.sum.checksums[rep]));
  if (isEqual) return toOpening(round, nowMs);
  return fail(round, {
    reason: 'CHECKSUM_MISMATCH',
    what: 'the checksums of the contributors do not add up to that of the sum',
    findings: [],
    mayHaveOpened: false,
  });
}

function toOpening({ rules, phases, set, sum }: Summed, nowMs: number): Transition {
  const opening: Opening = {
    phase: 'opening',
    rules,
    phases,
    deadline: { ends: 'openings', atMs: nowMs + rules.waits.openMs },
    set,
    sum,
    openings: {},
    complete: false,
    attestations: {},
  };
  return becomes(opening);
}

/** First other sites may sign for those that are gone; then the round fails. */
function atDeadline(round: Summed, nowMs: number): Transition {
  const absent = missing(round.set.members, round.checksums, 'no checksum');
  if (round.deadline.ends === 'checksums') {
    const deadline = { ends: 'proxies', atMs: nowMs + round.rules.waits.checksumMs } as const;
    return becomes({ ...round, deadline, proxiesWanted: absent.map(({ site }) => site) });
  }
  return fail(round, {
    reason: 'CHECKSUM_MISSING',
    what: `checksums of ${absent.length} contributors are missing, and nobody signed for them`,
    findings: absent,
    mayHaveOpened: false,
  });
}

function total(round: Summed, rep: 0 | 1): bigint {
  const sum = Object.values(round.checksums).reduce((all, { values }) => all + toResidue(values[rep]), 0n);
  return sum % Q;
}

function isSame(held: ChecksumEntry, entry: ChecksumEntry): boolean {
  return held.digest === entry.digest || held.values.every((value, rep) => value === entry.values[rep]);
}

function isResidue(hex: string): boolean {
  return toResidue(hex) < Q;
}

function toResidue(hex: string): bigint {
  return BigInt(`0x${hex}`);
}

function verifyRoots(round: Summed, event: { readonly setRoot: Digest; readonly sumRoot: Digest }): void {
  refuseUnless(
    event.setRoot === round.set.root && event.sumRoot === round.sum.root,
    'WRONG_CONTEXT',
    'the message names another set or another sum',
  );
}
