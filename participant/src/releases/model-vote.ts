// A person at this site votes for a model to be public, or is against it. Nobody votes automatically: a vote cannot be taken back
// once enough have voted.
import {
  modelReleaseCodec,
  memberOf,
  Refusal,
  refuseUnless,
  signMessage,
  type Sign,
  type SignedMessage,
  type SiteId,
} from '@blindsum/proto';
import type { Journal } from '../journal/journal.ts';
import type { ReleaseDecision } from '../journal/release-journal.ts';
import type { Policy } from '../policy/policy.ts';
import type { Transfers } from '../ports.ts';
import type { KnownRosters } from '../rosters/known-rosters.ts';
import { readFileDigest, type HeldModel } from './held-models.ts';
import type { ReleaseDesk, ReleaseView } from './release-desk.ts';

export interface Voter {
  readonly federation: string;
  readonly site: SiteId;
  readonly sign: Sign;
  readonly journal: Journal;
  readonly rosters: Pick<KnownRosters, 'byHash'>;
  readonly policy: Pick<Policy, 'release'>;
  readonly desk: ReleaseDesk;
}

export type Decision = Omit<ReleaseDecision, 'verdict'>;

/**
 * Votes for a model that this site has computed: in the journal first. Refuses POLICY_FORBIDS, MODEL_MISMATCH when the
 * coordinator has another model, ROSTER_NOT_APPROVED, CONFLICTING_SUBMISSION, and what the coordinator refuses.
 */
export async function voteFor(voter: Voter, model: HeldModel, decision: Decision): Promise<void> {
  const { journal, desk, policy } = voter;
  refuseUnless(
    policy.release === 'person',
    'POLICY_FORBIDS',
    'policy.release: this site makes no model public; a person may, once it says: person',
  );
  const ref = toRef(model);
  const message = createVote(voter, model, await desk.view(ref));
  const { job, round, attempt } = model;
  journal.recordModelVote(job, round, { attempt, message }, { verdict: 'vote', ...decision });
  await desk.vote(ref, message);
}

/** Is against it, durably here first; refuses WRONG_PHASE once enough have voted. The reason is told to the operator. */
export async function voteAgainst(
  { journal, desk }: Pick<Voter, 'journal' | 'desk'>,
  model: Pick<HeldModel, 'job' | 'round' | 'attempt'>,
  decision: Decision,
): Promise<void> {
  journal.recordModelRefusal(model.job, model.round, { verdict: 'refuse', ...decision });
  await desk.refuse(toRef(model), decision.reason);
}

export interface Bringing {
  readonly journal: Journal;
  readonly desk: ReleaseDesk;
  readonly transfers: Pick<Transfers, 'upload'>;
}

/**
 * What is left to do about a vote in the journal: sends it again, and brings the file if this site is asked for it. Returns how
 * things stand then. Rejects as the coordinator does.
 */
export async function carryOutVote(
  { journal, desk, transfers }: Bringing,
  model: HeldModel,
): Promise<ReleaseView['state']> {
  const { job, round } = model;
  const vote = journal.modelVote(job, round);
  if (vote === undefined) throw new Refusal('NOT_FOUND', `${job}: no vote about round ${round}`);
  const ref = toRef(model);
  await desk.vote(ref, vote.message);
  let { state, isWanted } = await desk.view(ref);
  if (isWanted) {
    // What goes out is what was voted for.
    readFileDigest(model);
    await transfers.upload(ref, 'model', model.path);
    await desk.deliver(ref);
    ({ state, isWanted } = await desk.view(ref));
  }
  if (state === 'available') journal.recordReleased(job, round);
  return state;
}

function createVote(voter: Voter, model: HeldModel, view: ReleaseView): SignedMessage {
  const { federation, site, sign, rosters } = voter;
  const { job, round, modelHash } = model;
  refuseUnless(
    view.modelHash === modelHash,
    'MODEL_MISMATCH',
    `${job}: the coordinator has another model of round ${round} than this site: tell the other members`,
  );
  const known = rosters.byHash(view.rosterHash);
  if (known?.isAccepted !== true)
    throw new Refusal(
      'ROSTER_NOT_APPROVED',
      `${job}: this site takes no part under the roster of that round`,
    );
  memberOf(known.roster, site);
  const value = {
    ...{ federation, job, site, round },
    ...{ modelHash, fileDigest: readFileDigest(model), rosterHash: known.hash },
  };
  return signMessage(modelReleaseCodec, value, sign, known.roster);
}

function toRef({ job, round, attempt }: Pick<HeldModel, 'job' | 'round' | 'attempt'>) {
  return { job, round, attempt };
}
