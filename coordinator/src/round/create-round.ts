// The first state of an attempt, and the rules it runs under.
import {
  memberIndex,
  roundContext,
  roundMinimum,
  roundThreshold,
  type Manifest,
  type Member,
  type Roster,
  type RoundTerms,
  type SiteId,
} from '@blindsum/proto';
import type { Collecting, RoundRules, Waits } from './round.ts';

/** What a round's rules follow from; `consented` are the sites that take part in the job. */
export interface RulesSource {
  readonly manifest: Pick<Manifest, 'contributors' | 'threshold' | 'waits'>;
  readonly roster: Roster;
  readonly terms: RoundTerms;
  readonly consented: readonly SiteId[];
  /** Those of them whose updates are refused; nobody unless given. */
  readonly barred?: readonly SiteId[];
  /** Members that took their consent back, in roster order; nobody unless given. */
  readonly withdrawn?: readonly SiteId[];
  /** Sites that may not connect, members or not; nobody unless given. */
  readonly revoked?: ReadonlySet<SiteId>;
}

/** An attempt that nobody has committed to, collecting until `collectMs` from now at the latest. */
export function createRound(rules: RoundRules, nowMs: number): Collecting {
  return {
    phase: 'collecting',
    rules,
    phases: [{ phase: 'collecting', atMs: nowMs }],
    deadline: { ends: 'collecting', atMs: nowMs + rules.waits.collectMs },
    contributions: {},
  };
}

/** The rules of one attempt. Refuses NOT_A_MEMBER if a site that consented is not in the roster. */
export function toRoundRules({
  manifest,
  roster,
  terms,
  consented,
  barred = [],
  withdrawn = [],
  revoked = new Set(),
}: RulesSource): RoundRules {
  const isAbsent = ({ site }: Member): boolean => revoked.has(site) && !consented.includes(site);
  const sites = consented.toSorted((a, b) => memberIndex(roster, a) - memberIndex(roster, b));
  return {
    context: roundContext(terms),
    rosterHash: terms.rosterHash,
    baseModelHash: terms.baseModelHash,
    sites,
    barred: sites.filter((site) => barred.includes(site)),
    withdrawn: [...withdrawn],
    revoked: roster.members.filter(isAbsent).map(({ site }) => site),
    minimum: roundMinimum(manifest, roster.members.length),
    threshold: roundThreshold(manifest, roster.members.length),
    waits: toWaits(manifest.waits),
  };
}

function toWaits(waits: Manifest['waits']): Waits {
  return {
    collectMs: waits.collectSeconds * 1000,
    graceMs: waits.graceSeconds * 1000,
    acknowledgeMs: waits.acknowledgeSeconds * 1000,
    checksumMs: waits.checksumSeconds * 1000,
    openMs: waits.openSeconds * 1000,
    attestMs: waits.attestSeconds * 1000,
    carryMs: waits.carrySeconds * 1000,
  };
}
