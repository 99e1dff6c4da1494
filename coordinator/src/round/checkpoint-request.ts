// Who is asked for the sealed model of a published round, who sealed one, and who could not open which (PROTOCOL.md section 6,
// catching up). A site that attested the model is asked, another one each round; one that does not upload is passed over.
//
// Complaints are bounded: a complaint hides one checkpoint from the site that complains, and from nobody else. So a site that
// complains about everything costs each attester one upload a round at most, and takes nothing away from the others.
import { Refusal, refuseUnless, type Digest, type SiteId } from '@blindsum/proto';
import { conflict, present } from './held.ts';
import type { Published, RoundRules } from './round.ts';

export interface CheckpointRequest {
  /** The published round and the attempt that was published. */
  readonly round: number;
  readonly attempt: number;
  readonly context: Digest;
  /** Of the roster of that round, and of the one whose members the checkpoints are sealed to. */
  readonly rosterHash: Digest;
  readonly sealedFor: Digest;
  readonly baseModelHash: Digest;
  readonly setRoot: Digest;
  readonly modelHash: Digest;
  /** Sites that attested the model, in the order in which they are asked. */
  readonly attesters: readonly SiteId[];
  /** Counts those that were asked, passed over or not. */
  readonly turns: number;
  readonly asked: AskedSite | undefined;
  /** In the order in which they came; one for each sealer. */
  readonly offers: readonly CheckpointOffer[];
  readonly complaints: readonly CheckpointComplaintEntry[];
}

export interface AskedSite {
  readonly site: SiteId;
  /** Bytes of its checkpoint that were here when its time began: progress gives it more time. */
  readonly bytes: number;
  readonly untilMs: number;
}

export interface CheckpointOffer {
  readonly sealer: SiteId;
  /** RFC 6962 root over the parts. */
  readonly root: Digest;
  /** RFC 6962 leaf hash of `signature ‖ payload`: names the message that the sealer signed. */
  readonly digest: Digest;
  /** The message: base64 and hexadecimal. */
  readonly payload: string;
  readonly signature: string;
}

export interface CheckpointComplaintEntry {
  readonly site: SiteId;
  readonly sealer: SiteId;
  readonly payload: string;
  readonly signature: string;
}

/** What asking depends on besides the request. */
export interface AskingSituation {
  /** Sites that take part in the job. */
  readonly sites: readonly SiteId[];
  readonly nowMs: number;
  /** The job has finished: sites leave, so each is asked once only. */
  readonly isLast: boolean;
  /** Bytes of the asked site's checkpoint that are here. */
  readonly bytes: number;
  /** How long a site may make no progress. */
  readonly patienceMs: number;
}

/** A request of which nobody is asked yet, for those who take part in the round that `current` are the rules of. */
export function createCheckpointRequest(
  { round, attempt }: { readonly round: number; readonly attempt: number },
  { rules, set, modelHash, attestations }: Published,
  current: Pick<RoundRules, 'rosterHash' | 'sites'> = rules,
): CheckpointRequest {
  // Whoever has left the roster since is asked nothing any more.
  const attesters = present(rules.sites, attestations).filter((site) => current.sites.includes(site));
  const first = round % Math.max(attesters.length, 1);
  return {
    ...{ round, attempt, modelHash, setRoot: set.root },
    ...{ context: rules.context, baseModelHash: rules.baseModelHash },
    ...{ rosterHash: rules.rosterHash, sealedFor: current.rosterHash },
    attesters: [...attesters.slice(first), ...attesters.slice(0, first)],
    ...{ turns: 0, asked: undefined, offers: [], complaints: [] },
  };
}

/** The same request if nothing changes; otherwise with the next site asked, more time for the one that is, or nobody asked. */
export function ask(request: CheckpointRequest, situation: AskingSituation): CheckpointRequest {
  const { asked } = request;
  if (!isWanted(request, situation.sites)) return asked ? { ...request, asked: undefined } : request;
  if (asked === undefined || hasOffered(request, asked.site)) return askNext(request, situation);
  const { nowMs, bytes, patienceMs } = situation;
  if (nowMs < asked.untilMs) return request;
  if (bytes > asked.bytes) return { ...request, asked: { ...asked, bytes, untilMs: nowMs + patienceMs } };
  return askNext(request, situation);
}

/** Sites that did not attest the model and have no checkpoint that they may be able to open. */
export function sitesInNeed(request: CheckpointRequest, sites: readonly SiteId[]): SiteId[] {
  return sites.filter((site) => !request.attesters.includes(site) && offerFor(request, site) === undefined);
}

/** The checkpoint that a site is shown: the first one that it has not complained about. */
export function offerFor(
  { offers, complaints }: CheckpointRequest,
  site: SiteId,
): CheckpointOffer | undefined {
  return offers.find(
    ({ sealer }) => !complaints.some((complaint) => complaint.site === site && complaint.sealer === sealer),
  );
}

/** True while the upload of this site is taken. */
export function isUploadWanted(request: CheckpointRequest, site: SiteId): boolean {
  return request.asked !== undefined && request.attesters.includes(site) && !hasOffered(request, site);
}

/**
 * With a checkpoint whose bytes are here. The same again is a retry; refuses CONFLICTING_SUBMISSION for another one of the
 * site, and WRONG_PHASE when none of the site is wanted.
 */
export function withOffer(request: CheckpointRequest, offer: CheckpointOffer): CheckpointRequest {
  const earlier = request.offers.find(({ sealer }) => sealer === offer.sealer);
  if (earlier) return earlier.digest === offer.digest ? request : conflict(offer.sealer);
  refuseUnless(
    isUploadWanted(request, offer.sealer),
    'WRONG_PHASE',
    `no checkpoint of round ${request.round} is wanted of ${offer.sealer}`,
  );
  return { ...request, offers: [...request.offers, offer] };
}

/**
 * With a complaint about the checkpoint with this root. The same again is a retry; refuses WRONG_CONTEXT a checkpoint that was
 * not offered, and WRONG_PHASE a site that attested the model and so needs none.
 */
export function withComplaint(
  request: CheckpointRequest,
  { root, ...entry }: CheckpointComplaintEntry & { readonly root: Digest },
): CheckpointRequest {
  const { site, sealer } = entry;
  const offer = request.offers.find((one) => one.sealer === sealer);
  refuseUnless(offer?.root === root, 'WRONG_CONTEXT', `${sealer} offered no checkpoint with that root`);
  if (request.attesters.includes(site)) throw new Refusal('WRONG_PHASE', `${site} attested the model itself`);
  const isHeld = request.complaints.some((one) => one.site === site && one.sealer === sealer);
  return isHeld ? request : { ...request, complaints: [...request.complaints, entry] };
}

function isWanted(request: CheckpointRequest, sites: readonly SiteId[]): boolean {
  return sitesInNeed(request, sites).length > 0 && candidates(request).length > 0;
}

function candidates(request: CheckpointRequest): SiteId[] {
  return request.attesters.filter((site) => !hasOffered(request, site));
}

function hasOffered({ offers }: CheckpointRequest, site: SiteId): boolean {
  return offers.some(({ sealer }) => sealer === site);
}

function askNext(request: CheckpointRequest, situation: AskingSituation): CheckpointRequest {
  const { attesters } = request;
  const { nowMs, patienceMs, isLast } = situation;
  let { turns } = request;
  while (hasOffered(request, attesters[turns % attesters.length]!)) turns++;
  if (isLast && turns >= attesters.length) return giveUp(request, turns);
  const site = attesters[turns % attesters.length]!;
  return { ...request, turns: turns + 1, asked: { site, bytes: 0, untilMs: nowMs + patienceMs } };
}

function giveUp(request: CheckpointRequest, turns: number): CheckpointRequest {
  const isSame = request.asked === undefined && request.turns === turns;
  return isSame ? request : { ...request, turns, asked: undefined };
}
