// What a site checks of a job's documents before anything else (PROTOCOL.md section 7): that they are well-formed, its author's,
// and who is in the roster. What the site's policy says of them is policy/.
import {
  consentCodec,
  manifestHash,
  memberFingerprint,
  memberOf,
  parseManifest,
  parseRoster,
  Refusal,
  refuseUnless,
  rosterHash,
  signMessage,
  verifyAuthor,
  verifyManifestFits,
  type Consent,
  type JobId,
  type Member,
  type Roster,
  type Sign,
} from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import type { Config } from './config.ts';
import type { JobDocuments } from './ports.ts';
import type { SitePolicy, SiteTerms } from './session/site-terms.ts';

export type ReviewRules = Pick<Config, 'site' | 'federation' | 'trust'> & { readonly policy: SitePolicy };

/**
 * The job in this site's own terms. `own` is the roster entry of this site's keys. Refuses MALFORMED, MANIFEST_INVALID,
 * MODEL_MISMATCH, BAD_SIGNATURE unless the author signed it, NOT_A_MEMBER when the roster does not list this site with its keys,
 * and POLICY_FORBIDS for a roster with a member that is not trusted, naming it.
 */
export function reviewJob(job: JobId, documents: JobDocuments, rules: ReviewRules, own: Member): SiteTerms {
  const manifest = parseManifest(documents.manifest);
  const roster = parseRoster(documents.roster);
  refuseUnless(manifest.job === job, 'MANIFEST_INVALID', `job: the manifest of ${job} is of ${manifest.job}`);
  refuseUnless(
    manifest.federation === rules.federation,
    'MANIFEST_INVALID',
    `federation: the job is of ${manifest.federation}, this site is of ${rules.federation}`,
  );
  verifyAuthor(
    manifest.author,
    { manifest: documents.manifest, signature: documents.authorSignature },
    verifyEd25519,
  );
  verifyManifestFits(manifest, roster);
  verifyOwnEntry(roster, own);
  for (const member of roster.members) verifyTrusted(member, rules, own);
  return {
    site: rules.site,
    manifest,
    manifestHash: manifestHash(manifest),
    roster,
    rosterHash: rosterHash(roster),
    policy: rules.policy,
    verify: verifyEd25519,
  };
}

/** The signed consent to exactly these documents. */
export function signConsent({ site, manifest, manifestHash, rosterHash }: SiteTerms, sign: Sign) {
  const { federation, job } = manifest;
  const consent: Consent = { federation, job, site, manifestHash, rosterHash };
  return signMessage(consentCodec, consent, sign);
}

function verifyOwnEntry(roster: Roster, own: Member): void {
  const listed = memberOf(roster, own.site);
  refuseUnless(
    listed.signingKey === own.signingKey && listed.sharingKey === own.sharingKey,
    'NOT_A_MEMBER',
    `the roster lists ${own.site} with keys that are not this site's`,
  );
}

function verifyTrusted(member: Member, { trust }: ReviewRules, own: Member): void {
  const shown = memberFingerprint(member);
  const trusted = trust.members[member.site];
  if (trusted === shown || (trusted === undefined && member.site === own.site)) return;
  throw new Refusal(
    'POLICY_FORBIDS',
    trusted === undefined
      ? `trust.members does not list ${member.site}, whose fingerprint the coordinator shows as ${shown}`
      : `trust.members says ${trusted} for ${member.site}, the coordinator shows ${shown}`,
  );
}
