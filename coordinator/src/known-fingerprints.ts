// Fingerprints of members, computed once for each pair of keys: status documents of many sites are asked for again and again.
import { isEqualBytes, memberFingerprint, toHex, type SiteId } from '@blindsum/proto';
import type { Member } from './member-store.ts';

type Keys = Pick<Member, 'site' | 'signingKey' | 'sharingKey'>;

const MAX_KNOWN = 4096;
const known = new Map<SiteId, Keys & { readonly fingerprint: string }>();

export function fingerprintOf({ site, signingKey, sharingKey }: Keys): string {
  const before = known.get(site);
  if (before && isEqualBytes(before.signingKey, signingKey) && isEqualBytes(before.sharingKey, sharingKey))
    return before.fingerprint;
  const keys = { site, signingKey: toHex(signingKey), sharingKey: toHex(sharingKey) };
  const fingerprint = memberFingerprint(keys);
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(site, { site, signingKey, sharingKey, fingerprint });
  return fingerprint;
}
