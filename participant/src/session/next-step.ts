// The site agent's decision (PROTOCOL.md section 5): from what the coordinator shows and what the journal holds to the next
// thing the site owes. Level-triggered: the same inputs give the same step, whatever came before. All that the coordinator
// says is checked here against the site's own terms; bulk bytes are checked by the step that fetches them.
//
//   collecting          sealed                       summed           opening / published
//   contribute, commit  check-shares, acknowledge    sign-checksum    open, apply, attest
//                       or complain
import { Refusal, refuseUnless } from '@blindsum/proto';
import {
  acknowledgingSites,
  attestedModels,
  checksumsBySubject,
  openingRoots,
  verifyAcknowledged,
  verifyChecksumsComplete,
  type SummedSet,
} from './evidence.ts';
import type { JournalFacts } from './journal-facts.ts';
import type { Leave } from './leave.ts';
import type {
  CheckpointSnapshot,
  CollectingSnapshot,
  JobSnapshot,
  OpeningSnapshot,
  PublishedSnapshot,
  RoundSnapshot,
  SealedSnapshot,
  SummedSnapshot,
} from './round-snapshot.ts';
import { verifyModelEvidence, verifyOffer } from './model-evidence.ts';
import { recogniseRound, thresholdOf, verifyPlace, type KnownRound, type SiteTerms } from './site-terms.ts';
import type { Step, SummedRound } from './step.ts';
import { verifySealedSet } from './verified-set.ts';

type Withdrawn = Extract<Leave, { kind: 'withdrawn' }>;

/** The next step; refuses, with the code of its reason, whatever the coordinator shows that an honest one cannot. */
export function nextStep(view: JobSnapshot, facts: JournalFacts, self: SiteTerms): Step {
  const step = stepOfJob(view, facts, self);
  switch (step.kind) {
    case 'wait':
      return stepOfSealer(view.checkpoint, facts, self) ?? step;
    case 'finished':
      return lastFavour(view.checkpoint, facts, self) ?? step;
    default:
      return step;
  }
}

function stepOfJob(view: JobSnapshot, facts: JournalFacts, self: SiteTerms): Step {
  const { leave } = facts;
  return leave.kind === 'withdrawn'
    ? stepOfLeaving(leave, view, facts, self)
    : stepOfMember(view, facts, self);
}

/** A site that has withdrawn helps to end the round that goes on, without an update of its own: others wait for that. */
function stepOfLeaving(leave: Withdrawn, view: JobSnapshot, facts: JournalFacts, self: SiteTerms): Step {
  const isOver = view.state === 'finished' || view.state === 'failed' || view.state === 'cancelled';
  if (!isOver && !leave.isTold) return { kind: 'withdraw', message: leave.message };
  const isInRound = view.state === 'running' && view.round !== undefined && !isBehind(view.round, facts);
  const step = isInRound || view.state !== 'running' ? stepOfMember(view, facts, self) : undefined;
  const isNeeded =
    isInRound || step?.kind === 'apply' || step?.kind === 'finished' || step?.kind === 'stopped';
  return step && isNeeded ? step : { kind: 'withdrawn', fromRound: leave.fromRound };
}

function stepOfMember(view: JobSnapshot, facts: JournalFacts, self: SiteTerms): Step {
  switch (view.state) {
    case 'joining':
      return wait('other sites to consent');
    case 'queued':
      return betweenRounds(view, facts, self) ?? wait('a place in the queue of jobs');
    case 'paused':
      return betweenRounds(view, facts, self) ?? wait('the operator, who has paused the job');
    case 'failed':
      return { kind: 'stopped', reason: view.failure };
    case 'cancelled':
      return { kind: 'stopped', reason: `it was cancelled: ${view.failure}` };
    case 'running':
      return view.round ? stepOfRound(view.round, view, facts, self) : wait('the next round');
    case 'finished':
      return betweenRounds(view, facts, self) ?? { kind: 'finished' };
  }
}

/** A site that is slower than the others applies the round that ended last, or catches up, whatever becomes of the job. */
function betweenRounds(
  view: Extract<JobSnapshot, { round: unknown }>,
  facts: JournalFacts,
  self: SiteTerms,
): Step | undefined {
  const step = view.round && stepOfRound(view.round, view, facts, self);
  if (step?.kind === 'apply' || step?.kind === 'catch-up') return step;
  // A checkpoint is on its way; once nobody is asked for it any more, there will be none.
  const isPromised = view.round !== undefined && isBehind(view.round, facts) && view.checkpoint?.asked;
  return isPromised ? step : undefined;
}

function stepOfRound(
  round: RoundSnapshot,
  { checkpoint }: JobSnapshot,
  facts: JournalFacts,
  self: SiteTerms,
): Step {
  // First of all: the facts are about this job's rounds under this roster, and about no others.
  verifyPlace(round, self);
  if (isBehind(round, facts)) return catchUp(round, checkpoint, facts, self);
  if (round.phase === 'failed') return wait(`another attempt, because this one failed: ${round.failure}`);
  if (round.phase === 'published' && facts.latestModelRound === round.ref.round)
    return wait('the next round');
  const known = recogniseRound(round, facts.heldModelHash, self);
  refuseUnless(
    facts.opened === undefined || facts.opened.attempt === known.ref.attempt,
    'ALREADY_OPENED',
    `this site has opened a contributor set in an earlier attempt of round ${known.ref.round}`,
  );
  switch (round.phase) {
    case 'collecting':
      return whileCollecting(round, known, facts, self);
    case 'sealed':
      return whileSealed(round, known, facts, self);
    case 'summed':
      return whileSummed(round, known, facts, self);
    case 'opening':
      return whileOpening(round, known, facts, self);
    case 'published':
      return whilePublished(round, known, facts, self);
  }
}

/** True for a site that missed the round before, and so cannot follow this one. */
function isBehind({ ref }: RoundSnapshot, facts: JournalFacts): boolean {
  return facts.heldModelHash === undefined && facts.latestModelRound < ref.round - 1;
}

/** The model that the round starts from, or, once it is published, the one that it gave. */
function catchUp(
  round: RoundSnapshot,
  checkpoint: CheckpointSnapshot | undefined,
  { checkpointed }: JournalFacts,
  self: SiteTerms,
): Step {
  const isOver = round.phase === 'published';
  const missed = isOver ? round.ref.round : round.ref.round - 1;
  if (checkpoint?.offer === undefined || checkpoint.sealedFor !== self.rosterHash)
    return wait(`a sealed copy of the model of round ${missed}`);
  const modelHash = isOver ? checkpoint.modelHash : round.baseModelHash;
  const expected = { round: missed, modelHash, opened: checkpointed.opened };
  const model = verifyModelEvidence(checkpoint, expected, self);
  return { kind: 'catch-up', model, ...verifyOffer(checkpoint.offer, model, self) };
}

/** A site seals only what it computed itself; otherwise the coordinator will ask another one. */
function stepOfSealer(
  checkpoint: CheckpointSnapshot | undefined,
  { checkpointed }: JournalFacts,
  self: SiteTerms,
): Step | undefined {
  const { opened, sealable } = checkpointed;
  if (checkpoint?.asked !== self.site || sealable === undefined) return undefined;
  // To those who take part now, not to those of an earlier roster.
  if (checkpoint.sealedFor !== self.rosterHash) return undefined;
  const { modelHash } = sealable;
  const expected = { round: checkpoint.ref.round, modelHash, opened };
  return { kind: 'seal-checkpoint', model: verifyModelEvidence(checkpoint, expected, self) };
}

/** Nothing that the coordinator asks for keeps a site from leaving a job that is over. */
function lastFavour(...asked: Parameters<typeof stepOfSealer>): Step | undefined {
  try {
    return stepOfSealer(...asked);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

function whileCollecting(
  view: CollectingSnapshot,
  round: KnownRound,
  { commitment, leave }: JournalFacts,
  self: SiteTerms,
): Step {
  const isListed = view.committed.includes(self.site);
  if (commitment === undefined) {
    // Its one-time key is gone, and a second contribution would be another message in the first one's place.
    refuseUnless(
      !isListed,
      'CONFLICTING_SUBMISSION',
      'the coordinator holds a commitment of this site that is not in its journal',
    );
    if (self.manifest.lateSites === 'refused' && view.barred.includes(self.site))
      return wait('the others: an update of this site was late, and the job takes it back no more');
    return leave.kind === 'given' ? { kind: 'contribute', round } : wait(describeLeave(leave));
  }
  if (!isListed && leave.kind !== 'given') return wait(describeLeave(leave));
  // One that is there but not confirmed is sent again: what was lost may have been the answer, with the log's promise.
  return isListed && commitment.isAccepted
    ? wait('other contributions')
    : { kind: 'commit', round, commitment: commitment.message };
}

function describeLeave(leave: Exclude<Leave, { kind: 'given' }>): string {
  return leave.kind === 'held-back'
    ? `this site itself: ${leave.why}`
    : 'the others: this site has withdrawn';
}

function whileSealed(view: SealedSnapshot, round: KnownRound, facts: JournalFacts, self: SiteTerms): Step {
  const set = verifySealedSet(view.set, round, facts, self);
  if (facts.shares?.setRoot !== set.root) return { kind: 'check-shares', round, set };
  const dealers = facts.shares.badDealers;
  if (dealers.length > 0) return { kind: 'complain', round, set, dealers };
  const isAcknowledged = acknowledgingSites(view.acknowledgements, set, self).has(self.site);
  return isAcknowledged ? wait('other acknowledgements') : { kind: 'acknowledge', round, set };
}

function whileSummed(view: SummedSnapshot, round: KnownRound, facts: JournalFacts, self: SiteTerms): Step {
  const summed = verifySummed(view, round, facts, self);
  const signed = checksumsBySubject(view.checksums, summed, self);
  const subjects = summed.set.members
    .filter((member) => member === self.site || view.proxiesWanted.includes(member))
    .filter((member) => !signed.has(member));
  return subjects.length === 0 ? wait('other checksums') : { kind: 'sign-checksum', ...summed, subjects };
}

function whileOpening(view: OpeningSnapshot, round: KnownRound, facts: JournalFacts, self: SiteTerms): Step {
  const summed = verifySummed(view, round, facts, self);
  const checksums = verifyChecksumsComplete(view.checksums, summed, self);
  const roots = openingRoots(view.openings, summed, self);
  const isEnough = roots.size >= thresholdOf(self);
  if (facts.result !== undefined) {
    const isAttested = attestedModels(view.attestations, summed, self).has(self.site);
    return isAttested ? wait('other attestations') : { kind: 'attest', ...summed };
  }
  const isReleased = roots.has(self.site) || (facts.opened !== undefined && isEnough);
  if (!isReleased && canOpen(facts, summed)) return { kind: 'open', ...summed, checksums };
  if (isEnough) return { kind: 'apply', ...summed, checksums, openingRoots: roots };
  return wait('other openings');
}

/** A site that could not open its shares has nothing to release. */
function canOpen({ shares }: JournalFacts, { set }: SummedSet): boolean {
  return shares?.setRoot !== set.root || shares.badDealers.length === 0;
}

function whilePublished(
  view: PublishedSnapshot,
  round: KnownRound,
  facts: JournalFacts,
  self: SiteTerms,
): Step {
  const summed = verifySummed(view, round, facts, self);
  const checksums = verifyChecksumsComplete(view.checksums, summed, self);
  const roots = openingRoots(view.openings, summed, self);
  if (facts.result === undefined && roots.size >= thresholdOf(self))
    return { kind: 'apply', ...summed, checksums, openingRoots: roots };
  verifyAgreement(view, summed, facts, self);
  return wait('the next round');
}

/** Refuses MODEL_DISAGREEMENT when the round was published with a model that is not the one computed here. */
function verifyAgreement(
  view: PublishedSnapshot,
  summed: SummedSet,
  { result }: JournalFacts,
  self: SiteTerms,
): void {
  if (result === undefined) return;
  const attested = attestedModels(view.attestations, summed, self);
  const agreeing = [...attested.values()].filter((hash) => hash === result.modelHash).length;
  refuseUnless(
    agreeing >= thresholdOf(self),
    'MODEL_DISAGREEMENT',
    `this site computed model ${result.modelHash}, which ${agreeing} of ${attested.size} sites attest`,
  );
}

function verifySummed(
  view: SummedSnapshot | OpeningSnapshot | PublishedSnapshot,
  round: KnownRound,
  facts: JournalFacts,
  self: SiteTerms,
): SummedRound {
  const set = verifySealedSet(view.set, round, facts, self);
  verifyAcknowledged(view.acknowledgements, set, self);
  return { round, set, sumRoot: view.sumRoot };
}

function wait(what: string): Step {
  return { kind: 'wait', what };
}
