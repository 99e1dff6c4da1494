// A roster of made-up members: before a job is submitted it is checked for as many as there are, and nobody's keys have a say in that.
import type { SiteId } from './identifiers.ts';
import type { Roster } from './roster.ts';

const SIGNING_DIGITS = 64;
const SHARING_DIGITS = 2432;

/** `count` members (2 and up) with keys that nobody has. */
export function placeholderRoster(count: number, federation: string): Roster {
  const members = Array.from({ length: count }, (_, i) => ({
    site: `site-${i + 1}` as SiteId,
    signingKey: String(i + 1).padStart(SIGNING_DIGITS, '0'),
    sharingKey: String(i + 1).padStart(SHARING_DIGITS, '0'),
  }));
  return { federation, version: 1, previous: '', members };
}
