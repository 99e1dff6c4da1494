// The request for a checkpoint as one site sees it: the evidence for the model, who is asked, and a checkpoint to fetch.
import { parseBase64, parseHex, SIGNATURE_BYTES, toDigestBytes, type SiteId } from '@blindsum/proto';
import type { ResponseInit, RoundService } from '@blindsum/proto/rpc';
import type { RoundStore, StoredCheckpoint } from '../ports.ts';
import { offerFor, type CheckpointOffer } from '../round/checkpoint-request.ts';
import { messagesAbout } from './set-messages.ts';

type CheckpointViewInit = Extract<
  NonNullable<ResponseInit<typeof RoundService, 'watchRound'>['checkpoint']>,
  { $typeName?: never }
>;

/** Undefined for a site that neither needs the model nor is asked for it. */
export async function toCheckpointView(
  rounds: Pick<RoundStore, 'messages'>,
  { job, request }: StoredCheckpoint,
  site: SiteId,
): Promise<CheckpointViewInit | undefined> {
  const { attesters, asked, round, attempt } = request;
  const offer = attesters.includes(site) ? undefined : offerFor(request, site);
  const isConcerned = asked?.site === site || !attesters.includes(site);
  if (!isConcerned || (asked === undefined && offer === undefined)) return undefined;
  const ref = { job, round, attempt };
  const attestations = messagesAbout(await rounds.messages(ref), 'attestation', request.setRoot);
  return {
    ref,
    baseModelHash: toDigestBytes(request.baseModelHash),
    modelHash: toDigestBytes(request.modelHash),
    rosterHash: toDigestBytes(request.rosterHash),
    sealedForRosterHash: toDigestBytes(request.sealedFor),
    attestations: attestations.map(({ message: { payload, signature } }) => ({ payload, signature })),
    asked: asked?.site ?? '',
    ...(offer && { offer: toInit(offer) }),
  };
}

function toInit({ payload, signature }: CheckpointOffer) {
  return {
    payload: parseBase64(payload, 'checkpoint'),
    signature: parseHex(signature, SIGNATURE_BYTES, 'signature'),
  };
}
