// The members of the sample log, and what they sign. All keys are fixed and worthless.
import { createHash } from 'node:crypto';
import {
  encodeBase64,
  memberPseudonym,
  rosterHash,
  signMessage,
  toHex,
  type Digest,
  type Member,
  type MessageCodec,
  type Roster,
  type SignedMessage,
  type SiteId,
} from '@blindsum/proto';
import { createEd25519Signer } from '@blindsum/proto/node';

export const ORIGIN = 'log.example.org';

export const hashOf = (text: string) => createHash('sha256').update(text).digest('hex') as Digest;
export const seedOf = (text: string) => new Uint8Array(createHash('sha256').update(text).digest());

export const SITES = ['hospital-a', 'hospital-b', 'hospital-c'].map(createSite);
export type Site = ReturnType<typeof createSite>;

export function createSite(site: string) {
  const signer = createEd25519Signer(seedOf(site));
  const signingKey = toHex(signer.publicKey);
  const sharingKey = hashOf(`sharing key of ${site}`).repeat(38);
  const entry: Member = { site: site as SiteId, signingKey, sharingKey };
  return { site: entry.site, signer, member: memberPseudonym(entry), entry };
}

/** A message as its site signs it, or another `signer`; it names the site, and `others`. */
export function signAs<T>(
  codec: MessageCodec<T>,
  value: T,
  { entry, signer, others = [] }: Pick<Site, 'entry' | 'signer'> & { readonly others?: readonly Site[] },
): SignedMessage {
  const members = [entry, ...others.map((other) => other.entry)];
  return signMessage(codec, value, signer.sign, { members });
}

export const toLogged = ({ payload, signature }: SignedMessage) => ({
  payload: encodeBase64(payload),
  signature: toHex(signature),
});

/** Version 1, with these members. */
export function firstRoster(sites: readonly Site[]): Roster {
  return { federation: ORIGIN, version: 1, previous: '', members: sites.map(({ entry }) => entry) };
}

/** Of the first version with these members. */
export function rosterHashOf(sites: readonly Site[]): Digest {
  return rosterHash(firstRoster(sites));
}
