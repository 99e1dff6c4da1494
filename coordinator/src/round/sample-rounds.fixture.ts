// One round in each phase, with five sites, for tests.
import { setRootOfLeaves, type Digest, type SiteId } from '@blindsum/proto';
import { createRound } from './create-round.ts';
import type { Attested, Collecting, Round, RoundEvent, RoundRules, SealedSet, Sum } from './round.ts';
import { transition } from './transition.ts';

export const SITES = ['a', 'b', 'c', 'd', 'e'] as SiteId[];
export const [A, B, C, D, E] = SITES as [SiteId, SiteId, SiteId, SiteId, SiteId];
export const STRANGER = 'constructor' as SiteId;

export const RULES: RoundRules = {
  context: digestOf(1),
  rosterHash: digestOf(9),
  baseModelHash: digestOf(2),
  sites: SITES,
  barred: [],
  withdrawn: [],
  revoked: [],
  minimum: 3,
  threshold: 4,
  waits: {
    collectMs: 1000,
    graceMs: 100,
    acknowledgeMs: 200,
    checksumMs: 300,
    openMs: 400,
    attestMs: 500,
    carryMs: 9000,
  },
};

/** A digest that shows which number it was made of. */
export function digestOf(n: number): Digest {
  return n.toString(16).padStart(8, '0').padEnd(64, '0') as Digest;
}

/** Plays events from the start; each at time 0, deadlines when they are due. */
export function play(events: readonly RoundEvent[], rules: RoundRules = RULES): Round {
  return events.reduce<Round>((round, event) => apply(round, event), createRound(rules, 0));
}

/** The state after one more event: at time 0, or when the deadline that it reports is due. */
export function apply(round: Round, event: RoundEvent): Round {
  const dueMs = 'deadline' in round ? round.deadline.atMs : 0;
  return transition(round, event, event.kind === 'deadline' ? dueMs : 0).round;
}

export const commit = (site: SiteId, n = 0): RoundEvent => ({
  kind: 'commit',
  contribution: { site, digest: leafOf(site, n) },
});
export const deadline = (ends: Extract<RoundEvent, { kind: 'deadline' }>['ends']): RoundEvent => ({
  kind: 'deadline',
  ends,
});
export const acknowledge = (from: SiteId, set: SealedSet = SET, n = 0): RoundEvent => ({
  kind: 'acknowledge',
  from,
  setRoot: set.root,
  digest: leafOf(from, 100 + n),
});
export const complain = (from: SiteId, dealers: readonly SiteId[], set: SealedSet = SET): RoundEvent => ({
  kind: 'complain',
  from,
  setRoot: set.root,
  dealers,
  digest: leafOf(from, 200),
});
export const summed = (set: SealedSet = SET): RoundEvent => ({ kind: 'summed', setRoot: set.root, sum: SUM });
export const checksum = (subject: SiteId, values = valuesOf(subject), signer = subject): RoundEvent => ({
  kind: 'checksum',
  subject,
  setRoot: SET.root,
  sumRoot: SUM.root,
  entry: { signer, digest: leafOf(signer, 300 + mixOf(values)), values },
});
export const open = (from: SiteId, n = 0): RoundEvent => ({
  kind: 'open',
  from,
  setRoot: SET.root,
  sumRoot: SUM.root,
  digest: leafOf(from, 400 + n),
});
export const attest = (from: SiteId, model = 1): RoundEvent => ({
  kind: 'attest',
  from,
  setRoot: SET.root,
  sumRoot: SUM.root,
  attested: attestedBy(from, model),
});

/** Three contributors, each with checksums 1 and 2, and their sum. */
export const MEMBERS = [A, B, C];
export const SET = setOf(MEMBERS);
export const SUM: Sum = { root: digestOf(9), checksums: [hex(3), hex(6)] };

export const COLLECTING = play([commit(A), commit(B)]);
export const SEALED = play([...MEMBERS.map((site) => commit(site)), deadline('collecting')]);
export const SUMMED = [summed(), ...[A, B, C, D].map((site) => acknowledge(site))].reduce(apply, SEALED);
export const OPENING = MEMBERS.map((site) => checksum(site)).reduce(apply, SUMMED);
export const COMPLETE = [A, B, C, D].map((site) => open(site)).reduce(apply, OPENING);
export const PUBLISHED = [A, B, C, D].map((site) => attest(site)).reduce(apply, COMPLETE);
export const FAILED = apply(COLLECTING, deadline('collecting'));

export function setOf(members: readonly SiteId[], setAttempt = 1): SealedSet {
  const excluded = SITES.filter((site) => !members.includes(site));
  return {
    setAttempt,
    root: setRootOfLeaves(members.map((site) => leafOf(site, 0))),
    members,
    excluded: excluded.map((site) => ({ site, reason: 'late' })),
  };
}

export function valuesOf(site: SiteId): [string, string] {
  return MEMBERS.includes(site) ? [hex(1), hex(2)] : [hex(7), hex(7)];
}

export function hex(n: bigint | number): string {
  return n.toString(16).padStart(16, '0');
}

/** Collects from everyone in `sites`; all five seal at once. */
export function collectingFrom(sites: readonly SiteId[]): Collecting {
  return play(sites.map((site) => commit(site))) as Collecting;
}

function mixOf(values: readonly string[]): number {
  return Number(values.reduce((mix, value) => (mix * 7n + BigInt(`0x${value}`)) % 97n, 0n));
}

function attestedBy(site: SiteId, model: number): Attested {
  return {
    digest: leafOf(site, 500 + model),
    result: digestOf(600 + model),
    modelHash: digestOf(700 + model),
  };
}

function leafOf(site: SiteId, n: number): Digest {
  return digestOf(0x10000 * (1 + SITES.indexOf(site)) + n);
}
