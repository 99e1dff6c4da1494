// Vectors of what people and sites sign about a job: the author's manifest, and a site's withdrawal.
import {
  authorPseudonym,
  memberPseudonym,
  signingBytes,
  signManifest,
  toHex,
  utf8,
  withdrawalCodec,
  type Bytes,
  type Digest,
  type JobId,
  type SiteId,
} from '@blindsum/proto';
import { createEd25519Signer } from '@blindsum/proto/node';

const seedOf = (value: number): Bytes => new Uint8Array(32).fill(value);

/** What test/vectors/signed-documents.json holds. */
export function signedDocuments() {
  const author = createEd25519Signer(seedOf(5));
  const site = createEd25519Signer(seedOf(6));
  const manifest = utf8('{"format":"blindsum/v1","job":"j"}');
  const name = 'hospital-a' as SiteId;
  const member = { site: name, signingKey: toHex(site.publicKey), sharingKey: '' };
  const value = {
    ...{ federation: 'test.example', job: 'j' as JobId, site: name },
    ...{ manifestHash: '1'.repeat(64) as Digest, fromRound: 3 },
  };
  const withdrawal = withdrawalCodec.encode(value, { members: [member] });
  const text = (bytes: Bytes) => Buffer.from(bytes).toString('utf8');
  const changed = (from: string, to: string) => text(withdrawal).replace(from, to);
  return {
    author: { key: toHex(author.publicKey), pseudonym: authorPseudonym({ key: toHex(author.publicKey) }) },
    site: { key: toHex(site.publicKey) },
    manifest: { payload: text(manifest), signature: toHex(signManifest(manifest, author.sign)) },
    withdrawal: {
      payload: text(withdrawal),
      signature: toHex(site.sign(signingBytes('withdrawal', withdrawal))),
    },
    badSignatures: [
      {
        defect: 'a manifest signed without its domain',
        of: 'manifest',
        signature: toHex(author.sign(manifest)),
      },
      {
        defect: 'a manifest signed as a consent',
        of: 'manifest',
        signature: toHex(author.sign(signingBytes('consent', manifest))),
      },
      {
        defect: 'a manifest signed by another key',
        of: 'manifest',
        signature: toHex(signManifest(manifest, site.sign)),
      },
      {
        defect: 'a withdrawal signed as a consent',
        of: 'withdrawal',
        signature: toHex(site.sign(signingBytes('consent', withdrawal))),
      },
    ],
    badWithdrawals: [
      { defect: 'a round below 0', payload: changed('"fromRound":3', '"fromRound":-1') },
      { defect: 'a round that is text', payload: changed('"fromRound":3', '"fromRound":"3"') },
      { defect: 'a space', payload: changed(':3', ': 3') },
      { defect: 'another type', payload: changed('"type":"withdrawal"', '"type":"consent"') },
      { defect: 'a roster', payload: changed('"site"', '"rosterHash":"","site"') },
      { defect: "a site's name", payload: changed(memberPseudonym(member), 'hospital-a') },
    ],
  };
}
