// Fingerprints of members, computed once for each pair of keys: status documents of many sites are asked for again and again.
import { memberFingerprint, toHex, type Bytes, type SiteId } from '@blindsum/proto';
import type { Member } from './member-store.ts';

type Keys = Pick<Member, 'site' | 'signingKey' | 'sharingKey'>;

const MAX_KNOWN = 4096;
const known = new Map<SiteId, Keys & { readonly fingerprint: string }>();

export function fingerprintOf({ site, signingKey, sharingKey }: Keys): string {
  const before = known.get(site);
  if (before && isSame(before.signingKey, signingKey) && isSame(before.sharingKey, sharingKey))
    return before.fingerprint;
  const keys = { site, signingKey: toHex(signingKey), sharingKey: toHex(sharingKey) };
  const fingerprint = memberFingerprint(keys);
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(site, { site, signingKey, sharingKey, fingerprint });
  return fingerprint;
}

/** As Node compares them, for hundreds of sites at once: a kilobyte each. */
function isSame(a: Bytes, b: Bytes): boolean {
  return Buffer.compare(a, b) === 0;
}
