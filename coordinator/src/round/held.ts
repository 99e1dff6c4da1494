// Lookups in the records of a round that are keyed by site: one message of a kind for each.
import { Refusal, type Digest, type SiteId } from '@blindsum/proto';
import type { Finding, RoundRules, Submissions } from './round.ts';

/** What is held for `site`. A site may be named like a property that every object inherits (`constructor`). */
export function heldFor<T>(held: Readonly<Record<SiteId, T>>, site: SiteId): T | undefined {
  return Object.hasOwn(held, site) ? held[site] : undefined;
}

/** The sites whose update a round may take, in roster order. */
export function invited({ sites, barred }: RoundRules): SiteId[] {
  return sites.filter((site) => !barred.includes(site));
}

/** Those of `sites` for which something is held, in their order. */
export function present(sites: readonly SiteId[], held: Readonly<Record<SiteId, unknown>>): SiteId[] {
  return sites.filter((site) => Object.hasOwn(held, site));
}

/** Those of `sites` for which nothing is held, each with what is missing. */
export function missing(
  sites: readonly SiteId[],
  held: Readonly<Record<SiteId, unknown>>,
  what: string,
): Finding[] {
  return sites.filter((site) => !Object.hasOwn(held, site)).map((site) => ({ site, what }));
}

/** True if something is held for every one of `sites`. */
export function isComplete(sites: readonly SiteId[], held: Readonly<Record<SiteId, unknown>>): boolean {
  return sites.every((site) => Object.hasOwn(held, site));
}

/** True if this very message is held, false if none is; refuses CONFLICTING_SUBMISSION if another one is. */
export function isRetry(held: Submissions, site: SiteId, digest: Digest): boolean {
  const earlier = heldFor(held, site);
  return earlier === undefined ? false : earlier === digest || conflict(site);
}

/** Refuses a message in whose place there already is another one. */
export function conflict(site: SiteId): never {
  throw new Refusal('CONFLICTING_SUBMISSION', `another message of ${site} is already held in this place`);
}
