// A site as the lists show it.
import type { SiteDocument } from './documents.ts';
import { byName, toDate, toRelative } from './format.ts';
import { activityWord, type Tone } from './words.ts';

export interface SiteView {
  readonly site: string;
  readonly state: { readonly word: string; readonly tone: Tone };
  readonly seen: string;
  readonly activity: string;
  /** Both as it says itself; empty as long as it has not. */
  readonly version: string;
  readonly backend: string;
  readonly certificate: { readonly text: string; readonly tone: Tone };
}

const CERTIFICATE_TONES = { valid: 'quiet', expiring: 'warn', expired: 'bad' } as const;

export function toSiteView(site: SiteDocument, nowMs: number): SiteView {
  const { certificate, online } = site;
  const tone = site.revoked ? 'quiet' : CERTIFICATE_TONES[certificate.state];
  const verb = certificate.state === 'expired' ? 'expired' : 'until';
  return {
    site: site.site,
    state: toState(site),
    seen: site.lastSeenMs === null ? 'never' : toRelative(site.lastSeenMs, nowMs),
    activity: online ? activityWord(site.activity, site.permille) : '',
    version: site.version,
    backend: site.backend,
    certificate: { text: `${verb} ${toDate(certificate.expiresMs)}`, tone },
  };
}

function toState({ revoked, online, lastSeenMs }: SiteDocument): SiteView['state'] {
  if (revoked) return { word: 'Revoked', tone: 'bad' };
  if (online) return { word: 'Online', tone: 'good' };
  return lastSeenMs === null ? { word: 'Never seen', tone: 'wait' } : { word: 'Offline', tone: 'warn' };
}

/** Those who need a look first, then by name. */
export function sitesInOrder(sites: Iterable<SiteDocument>): SiteDocument[] {
  const rank = (site: SiteDocument) => (site.revoked ? 2 : site.online ? 1 : 0);
  return [...sites].toSorted((a, b) => rank(a) - rank(b) || byName(a.site, b.site));
}
