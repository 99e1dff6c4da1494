// What a site checks of a job's documents before anything else (PROTOCOL.md section 3): that they are well-formed, its author's,
// and that it is in the roster. Whether it has accepted that roster is known elsewhere; what its policy says is policy/.
import {
  consentCodec,
  manifestHash,
  memberOf,
  parseManifest,
  parseRoster,
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
import type { JobTerms, SitePolicy } from './session/site-terms.ts';

export type ReviewRules = Pick<Config, 'site' | 'federation'> & { readonly policy: SitePolicy };

/**
 * The job in this site's own terms. `own` is the roster entry of this site's keys. Refuses MALFORMED, MANIFEST_INVALID,
 * MODEL_MISMATCH, BAD_SIGNATURE unless the author signed it, and NOT_A_MEMBER when the roster does not list this site with its keys.
 */
export function reviewJob(job: JobId, documents: JobDocuments, rules: ReviewRules, own: Member): JobTerms {
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

type ConsentTerms = Pick<JobTerms, 'site' | 'manifest' | 'manifestHash' | 'roster' | 'rosterHash'>;

/** The signed consent to exactly these documents. */
export function signConsent(terms: ConsentTerms, sign: Sign) {
  const { site, manifest, manifestHash, roster, rosterHash } = terms;
  const { federation, job } = manifest;
  const consent: Consent = { federation, job, site, manifestHash, rosterHash };
  return signMessage(consentCodec, consent, sign, roster);
}

function verifyOwnEntry(roster: Roster, own: Member): void {
  const listed = memberOf(roster, own.site);
  refuseUnless(
    listed.signingKey === own.signingKey && listed.sharingKey === own.sharingKey,
    'NOT_A_MEMBER',
    `the roster lists ${own.site} with keys that are not this site's`,
  );
}
