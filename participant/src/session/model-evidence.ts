// What proves a model that a site did not compute itself (PROTOCOL.md section 6, catching up): T attestations of one result,
// all bound to the context that the site computes. An honest member attests only what it computed from a base model that it
// held, so the context also proves the base model, which a site that missed several rounds does not know.
import {
  attestationCodec,
  openSignedMessage,
  Refusal,
  refuseUnless,
  roundContext,
  sealedCheckpointCodec,
  toCanonicalBytes,
  toHex,
  type Attestation,
  type Digest,
  type Roster,
  type SignedMessage,
  type SiteId,
} from '@blindsum/proto';
import { countedMessages } from './evidence.ts';
import type { OpenedSet } from './journal-facts.ts';
import type { CheckpointSnapshot, RoundReference } from './round-snapshot.ts';
import { thresholdOf, type SiteTerms } from './site-terms.ts';

/** A model that T members attest. */
export interface ProvenModel {
  /** The round that gave it. */
  readonly ref: RoundReference;
  readonly context: Digest;
  readonly modelHash: Digest;
}

/** What the model must be, from what the site holds itself. */
export interface ExpectedModel {
  readonly round: number;
  readonly modelHash: Digest;
  /** The set that this site opened in that round, if it did. */
  readonly opened: OpenedSet | undefined;
}

/** A checkpoint that somebody signed for. */
export interface OfferedCheckpoint {
  readonly sealer: SiteId;
  readonly root: Digest;
}

/**
 * The model as T members attest it. Refuses WRONG_CONTEXT for another round than the expected one, TOO_FEW_ATTESTATIONS unless
 * T distinct members attest the expected model with one set, one sum and the same metrics, and ALREADY_OPENED when it came
 * from another set than this site opened.
 */
export function verifyModelEvidence(
  checkpoint: CheckpointSnapshot,
  expected: ExpectedModel,
  terms: SiteTerms,
): ProvenModel {
  const { ref, baseModelHash, rosterHash } = checkpoint;
  const { manifest, manifestHash } = terms;
  const then = { ...terms, roster: rosterOf(checkpoint, terms), rosterHash };
  const isRound =
    ref.job === manifest.job && ref.round === expected.round && ref.attempt <= manifest.attempts;
  refuseUnless(
    isRound,
    'WRONG_CONTEXT',
    `a model is offered of round ${ref.round}, attempt ${ref.attempt}, not of round ${expected.round}`,
  );
  const { federation, job } = manifest;
  const context = roundContext({ federation, ...ref, job, baseModelHash, manifestHash, rosterHash });
  const { modelHash } = expected;
  const results = countedMessages(attestationCodec, checkpoint.attestations, then).filter(
    (attestation) => attestation.context === context && attestation.modelHash === modelHash,
  );
  const setRoot = verifyAgreed(results, expected, then);
  const { opened } = expected;
  refuseUnless(
    opened === undefined || (opened.attempt === ref.attempt && opened.setRoot === setRoot),
    'ALREADY_OPENED',
    `this site opened another contributor set in round ${ref.round} than the model came from`,
  );
  return { ref, context, modelHash };
}

/** Who signed for a checkpoint of this model. Refuses BAD_SIGNATURE, NOT_A_MEMBER, and WRONG_CONTEXT one of another model. */
export function verifyOffer(
  offer: SignedMessage,
  { context, modelHash }: ProvenModel,
  { roster, rosterHash, verify }: SiteTerms,
): OfferedCheckpoint {
  const signed = openSignedMessage(sealedCheckpointCodec, offer, roster, verify);
  const { site } = signed;
  const isAbout =
    signed.context === context && signed.modelHash === modelHash && signed.rosterHash === rosterHash;
  refuseUnless(
    isAbout,
    'WRONG_CONTEXT',
    `the checkpoint of ${site} is of another model or for another roster`,
  );
  return { sealer: site, root: signed.root };
}

/** The roster that the round went by: this round's, or one before it in the chain. Refuses BAD_ROSTER. */
function rosterOf({ rosterHash, ref }: CheckpointSnapshot, terms: SiteTerms): Roster {
  if (rosterHash === terms.rosterHash) return terms.roster;
  const roster = terms.knownRoster(rosterHash);
  if (roster === undefined || roster.version > terms.roster.version)
    throw new Refusal(
      'BAD_ROSTER',
      `round ${ref.round} is said to have gone by an unknown roster, ${rosterHash}`,
    );
  return roster;
}

/** Root of the set that T members agree on, along with all else that they attest. */
function verifyAgreed(
  attestations: readonly Attestation[],
  { round, modelHash }: ExpectedModel,
  terms: SiteTerms,
): Digest {
  const threshold = thresholdOf(terms);
  const results = Map.groupBy(attestations, resultOf);
  const sitesOf = (group: readonly Attestation[]) => new Set(group.map(({ site }) => site)).size;
  const [largest = []] = [...results.values()].toSorted((a, b) => sitesOf(b) - sitesOf(a));
  refuseUnless(
    sitesOf(largest) >= threshold,
    'TOO_FEW_ATTESTATIONS',
    `${sitesOf(largest)} members attest ${modelHash} as the model of round ${round}, ${threshold} are needed`,
  );
  return largest[0]!.setRoot;
}

function resultOf({ setRoot, sumRoot, modelHash, metrics }: Attestation): string {
  return toHex(toCanonicalBytes({ setRoot, sumRoot, modelHash, metrics }));
}
