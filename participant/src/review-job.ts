// What a site checks of a job before it consents (PROTOCOL.md section 7): the documents themselves, that it is in the roster, and
// what its own policy allows. Whether it has accepted that roster is known elsewhere. Everything that is not allowed explicitly is refused.
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
  type Manifest,
  type Member,
  type Roster,
  type Sign,
} from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import { isJobAllowed, type Config } from './config.ts';
import type { JobDocuments } from './ports.ts';
import type { SiteTerms } from './session/site-terms.ts';

export type ReviewRules = Pick<Config, 'site' | 'federation' | 'policy'>;

/**
 * The job in this site's own terms. `own` is the roster entry of this site's keys. Refuses MALFORMED, MANIFEST_INVALID,
 * MODEL_MISMATCH, NOT_A_MEMBER when the roster does not list this site with its keys, and POLICY_FORBIDS, naming
 * the setting.
 */
export function reviewJob(
  job: JobId,
  documents: JobDocuments,
  rules: ReviewRules,
  own: Member,
): Omit<SiteTerms, 'knownRoster'> {
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
  verifyPolicy(manifest, rules.policy);
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

type ConsentTerms = Pick<SiteTerms, 'site' | 'manifest' | 'manifestHash' | 'rosterHash'>;

/** The signed consent to exactly these documents. */
export function signConsent({ site, manifest, manifestHash, rosterHash }: ConsentTerms, sign: Sign) {
  const { federation, job } = manifest;
  const consent: Consent = { federation, job, site, manifestHash, rosterHash };
  return signMessage(consentCodec, consent, sign);
}

/** Refuses POLICY_FORBIDS what the site's policy does not allow. */
export function verifyPolicy(manifest: Manifest, policy: Config['policy']): void {
  const { contributors, model, job } = manifest;
  const rules: [boolean, string][] = [
    [isJobAllowed(policy, job), `policy.jobs does not list ${job}`],
    [
      model.parameters <= policy.maxParameters,
      `the model has ${model.parameters} parameters, policy.maxParameters is ${policy.maxParameters}`,
    ],
    [
      contributors.minimum > 2 || policy.allowTwoSites,
      'the job opens sums over two sites, policy.allowTwoSites is false',
    ],
    [
      contributors.minimum >= policy.minContributors,
      `the job opens sums over ${contributors.minimum} sites, policy.minContributors is ${policy.minContributors}`,
    ],
  ];
  for (const [isAllowed, why] of rules) refuseUnless(isAllowed, 'POLICY_FORBIDS', why);
}

function verifyOwnEntry(roster: Roster, own: Member): void {
  const listed = memberOf(roster, own.site);
  refuseUnless(
    listed.signingKey === own.signingKey && listed.sharingKey === own.sharingKey,
    'NOT_A_MEMBER',
    `the roster lists ${own.site} with keys that are not this site's`,
  );
}
