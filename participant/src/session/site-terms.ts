// What a site holds itself, and measures the coordinator's words by.
import {
  payloadLayout,
  refuseUnless,
  roundContext,
  roundKind,
  roundMinimum,
  roundThreshold,
  type Digest,
  type Manifest,
  type PayloadLayout,
  type Roster,
  type SiteId,
  type VerifySignature,
} from '@blindsum/proto';
import type { RoundReference } from './round-snapshot.ts';

/** What a site demands beyond the job's manifest. */
export interface SitePolicy {
  /** Fewest contributors of a set that this site opens. */
  readonly minContributors: number;
  /** Two contributors need this here and in the manifest. */
  readonly allowTwoSites: boolean;
}

/** What does not change during a round. */
export interface SiteTerms {
  readonly site: SiteId;
  readonly manifest: Manifest;
  readonly manifestHash: Digest;
  readonly roster: Roster;
  readonly rosterHash: Digest;
  /** A roster whose place in the chain this site has verified: that of an earlier round. */
  readonly knownRoster: (hash: Digest) => Roster | undefined;
  readonly policy: SitePolicy;
  readonly verify: VerifySignature;
}

/** The same from a job's documents alone, before anything is known of its rounds. */
export type JobTerms = Omit<SiteTerms, 'knownRoster'>;

/** A round that the site recognises as its job's: the context is computed from what the site holds, never received. */
export interface KnownRound {
  readonly ref: RoundReference;
  readonly context: Digest;
  readonly layout: PayloadLayout;
}

/** T of the round. */
export function thresholdOf({ manifest, roster }: Pick<SiteTerms, 'manifest' | 'roster'>): number {
  return roundThreshold(manifest, roster.members.length);
}

/** Refuses WRONG_CONTEXT for another job or roster, or a round or an attempt that the job does not have. */
export function verifyPlace(
  { ref, rosterHash }: { readonly ref: RoundReference; readonly rosterHash: Digest },
  { manifest, rosterHash: own }: SiteTerms,
): void {
  const { job, round, attempt } = ref;
  refuseUnless(rosterHash === own, 'WRONG_CONTEXT', `the coordinator announces roster ${rosterHash}`);
  refuseUnless(job === manifest.job, 'WRONG_CONTEXT', `the coordinator announces a round of ${job}`);
  const isRound = round >= 0 && round <= manifest.rounds + 1 && attempt <= manifest.attempts;
  refuseUnless(isRound, 'WRONG_CONTEXT', `the job has no round ${round}, attempt ${attempt}`);
}

/**
 * The announced round, whose place was verified, in the site's own terms. `held` is the hash of the model that round `ref.round`
 * starts from as this site computed it. Refuses MODEL_MISMATCH when the coordinator announces another model.
 */
export function recogniseRound(
  announced: { readonly ref: RoundReference; readonly baseModelHash: Digest },
  held: Digest | undefined,
  terms: SiteTerms,
): KnownRound {
  const { ref, baseModelHash } = announced;
  const { manifest, manifestHash, rosterHash } = terms;
  refuseUnless(
    held !== undefined,
    'MODEL_MISMATCH',
    `this site does not hold the model that round ${ref.round} starts from`,
  );
  refuseUnless(
    held === baseModelHash,
    'MODEL_MISMATCH',
    `round ${ref.round} starts from model ${held} here, the coordinator announces ${baseModelHash}`,
  );
  const { federation, job, rounds } = manifest;
  const context = roundContext({ federation, ...ref, job, baseModelHash: held, manifestHash, rosterHash });
  return {
    ref,
    context,
    layout: payloadLayout(manifest, roundKind(ref.round, rounds)),
  };
}

/** Refuses TOO_FEW_CONTRIBUTORS a set below what manifest and policy both allow (PROTOCOL.md section 1). */
export function verifySetSize(members: number, { manifest, roster, policy }: SiteTerms): void {
  const least = Math.max(roundMinimum(manifest, roster.members.length), policy.minContributors);
  refuseUnless(
    members >= least,
    'TOO_FEW_CONTRIBUTORS',
    `a set of ${members}, this site opens ${least} or more`,
  );
  const isPairAllowed = manifest.contributors.allowTwoSites && policy.allowTwoSites;
  refuseUnless(
    members > 2 || (members === 2 && isPairAllowed),
    'TOO_FEW_CONTRIBUTORS',
    `a set of ${members}: two contributors need allowTwoSites in the job and in this site's policy`,
  );
}
