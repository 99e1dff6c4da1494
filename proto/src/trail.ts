// The trail of administrative actions as an auditor gets it: one entry to a line, checked as a chain and against the log.
import { parseHex, toHex, type Bytes } from './bytes.ts';
import { DIGEST_BYTES } from './digest.ts';
import type { Digest } from './identifiers.ts';
import { refuseUnless } from './refusal.ts';
import { merkleRoot } from './tlog/merkle.ts';
import type { Predicate } from './tlog/predicates.ts';
import { MAX_TRAIL_ENTRY_BYTES, parseTrailEntry, trailEntryHash, type TrailEntry } from './trail-entry.ts';

/** An entry and the hash of its bytes. */
export interface HashedEntry {
  readonly entry: TrailEntry;
  readonly hash: Digest;
}

/** How much of a trail the log vouches for, in numbers of entries. */
export interface TrailCoverage {
  /** In the trail, and under a root of the log. */
  readonly covered: number;
  /** In the trail, and not in the log yet. */
  readonly uncovered: number;
  /** Under a root of the log, and said to be lost by the trail itself. */
  readonly missing: number;
}

/** The action of an entry that says that those before it, down to the last one there is, are lost. */
export const TRAIL_GAP = 'trail.gap';

const NEWLINE = 0x0a;

/** Parses an export: entries in their order, each with a newline. Refuses MALFORMED, and BAD_RECORD for a broken chain. */
export function parseTrail(bytes: Bytes): HashedEntry[] {
  const trail: HashedEntry[] = [];
  for (const line of splitLines(bytes)) {
    const next = { entry: parseTrailEntry(line), hash: trailEntryHash(line) };
    verifyNext(trail.at(-1), next.entry);
    trail.push(next);
  }
  return trail;
}

/** Refuses BAD_RECORD unless `next` follows upon `last`, or is a first one. */
export function verifyNext(last: HashedEntry | undefined, next: TrailEntry): void {
  const { sequence, previous, action, completes } = next;
  const place = `entry ${sequence} of the trail`;
  refuseUnless(
    previous === (last?.hash ?? ''),
    'BAD_RECORD',
    `${place} does not follow upon the one before it`,
  );
  const expected = (last?.entry.sequence ?? 0) + 1;
  const isNext = sequence === expected || (action === TRAIL_GAP && sequence > expected);
  refuseUnless(isNext, 'BAD_RECORD', `${place} stands where entry ${expected} belongs`);
  refuseUnless(completes < sequence, 'BAD_RECORD', `${place} completes one that comes after it`);
}

/**
 * Compares a trail with the `administration` records of a verified log, in their order. Refuses BAD_RECORD for entries that
 * have another root than the log's, and for entries of which the log knows and the trail does not.
 */
export function compareTrail(
  trail: readonly HashedEntry[],
  records: readonly Predicate<'administration'>[],
): TrailCoverage {
  const bySequence = new Map(trail.map(({ entry, hash }) => [entry.sequence, hash]));
  let [covered, missing] = [0, 0];
  for (const { from, to, root } of records) {
    const hashes = Array.from({ length: to - from + 1 }, (_, i) => bySequence.get(from + i));
    const there = hashes.filter((hash) => hash !== undefined);
    if (there.length === hashes.length) verifyRoot(there, { from, to, root });
    else verifyLoss(trail, { from, to });
    if (there.length === hashes.length) covered += there.length;
    else missing += hashes.length;
  }
  const last = records.at(-1)?.to ?? 0;
  return { covered, missing, uncovered: trail.filter(({ entry }) => entry.sequence > last).length };
}

/** The root of a record over entries with these hashes. */
export function trailRoot(hashes: readonly Digest[]): Digest {
  return toHex(merkleRoot(hashes.map((hash) => parseHex(hash, DIGEST_BYTES, 'hash of an entry')))) as Digest;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

function verifyRoot(hashes: readonly Digest[], { from, to, root }: Range & { readonly root: Digest }): void {
  refuseUnless(
    trailRoot(hashes) === root,
    'BAD_RECORD',
    `entries ${from} to ${to} of the trail are not those that the log vouches for: one was changed`,
  );
}

/** What is lost is lost up to an entry that says so. */
function verifyLoss(trail: readonly HashedEntry[], { from, to }: Range): void {
  const isSaid = trail.some(({ entry: { action, sequence } }, i) => {
    const before = trail[i - 1]?.entry.sequence ?? 0;
    return action === TRAIL_GAP && before < to && sequence > to;
  });
  refuseUnless(
    isSaid,
    'BAD_RECORD',
    `entries ${from} to ${to} of the trail are in the log, and not all of them are here`,
  );
}

function splitLines(bytes: Bytes): Bytes[] {
  const lines: Bytes[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(NEWLINE, start);
    const isLine = end >= 0 && end - start <= MAX_TRAIL_ENTRY_BYTES;
    refuseUnless(isLine, 'MALFORMED', `trail: line ${lines.length + 1} is too long or does not end`);
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return lines;
}
