// What a site owes next. Each step can be repeated; what was done is seen in the journal or in the coordinator's next view.
import type { ChecksumStatement, Digest, SignedMessage, SiteId } from '@blindsum/proto';
import type { OfferedCheckpoint, ProvenModel } from './model-evidence.ts';
import type { KnownRound } from './site-terms.ts';
import type { VerifiedSet } from './verified-set.ts';

/** A contributor set whose sum is announced, with the evidence that it may be opened. */
export interface SummedRound {
  readonly round: KnownRound;
  readonly set: VerifiedSet;
  readonly sumRoot: Digest;
}

export type Step =
  /** Nothing is owed until the view changes. `what` is for people. */
  | { readonly kind: 'wait'; readonly what: string }
  /** Compute, encrypt and sign a contribution. */
  | { readonly kind: 'contribute'; readonly round: KnownRound }
  /** Upload what was computed, then send the commitment. */
  | { readonly kind: 'commit'; readonly round: KnownRound; readonly commitment: SignedMessage }
  /** Open the shares addressed to this site. */
  | { readonly kind: 'check-shares'; readonly round: KnownRound; readonly set: VerifiedSet }
  | { readonly kind: 'acknowledge'; readonly round: KnownRound; readonly set: VerifiedSet }
  | {
      readonly kind: 'complain';
      readonly round: KnownRound;
      readonly set: VerifiedSet;
      readonly dealers: readonly SiteId[];
    }
  /** Sign checksums of this site's own ciphertext, and as proxy of contributors that are gone. */
  | (SummedRound & { readonly kind: 'sign-checksum'; readonly subjects: readonly SiteId[] })
  /** Check the sum against the checksums, then release the sum of shares. */
  | (SummedRound & { readonly kind: 'open'; readonly checksums: readonly ChecksumStatement[] })
  /** Reconstruct the key sum from what the others released, decrypt, apply. */
  | (SummedRound & {
      readonly kind: 'apply';
      readonly checksums: readonly ChecksumStatement[];
      readonly openingRoots: ReadonlyMap<SiteId, Digest>;
    })
  | (SummedRound & { readonly kind: 'attest' })
  /** Fetch the sealed model of a round that this site missed, and go on from it. */
  | ({ readonly kind: 'catch-up'; readonly model: ProvenModel } & OfferedCheckpoint)
  /** Seal a model that this site computed, for sites that were away. */
  | { readonly kind: 'seal-checkpoint'; readonly model: ProvenModel }
  /** Tell the coordinator that this site has taken its consent back. */
  | { readonly kind: 'withdraw'; readonly message: SignedMessage }
  /** This site has taken its consent back, and no round needs it any more. */
  | { readonly kind: 'withdrawn'; readonly fromRound: number }
  | { readonly kind: 'finished' }
  | { readonly kind: 'stopped'; readonly reason: string };

export type StepKind = Step['kind'];
