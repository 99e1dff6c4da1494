// What sites say about checkpoints: "I sealed one", and "that one does not open for me". Both are signed, so that whoever
// uploads garbage, or complains about good ones, is named.
import type { Logger } from 'pino';
import {
  checkpointComplaintCodec,
  encodeBase64,
  messageLeaf,
  parseSiteId,
  Refusal,
  refuseUnless,
  sealedCheckpointCodec,
  toHex,
  type Digest,
  type MessageCodec,
  type SignedMessage,
  type SiteId,
} from '@blindsum/proto';
import type { RoundRef, RoundService } from '@blindsum/proto/rpc';
import type { JobReader } from '../job-document.ts';
import type { CheckpointDriver } from '../checkpoint-driver.ts';
import {
  isUploadWanted,
  withComplaint,
  withOffer,
  type CheckpointRequest,
} from '../round/checkpoint-request.ts';
import type { UploadTarget } from '../uploads/upload-target.ts';
import { ACCESS_RULES } from './access-rules.ts';
import type { OpenRound, OpenRoundFor } from './round-access.ts';
import { openRoundMessage, requireMessage } from './round-messages.ts';
import type { Caller, ServiceHandlers } from './service-handlers.ts';
import type { UploadGuard } from './upload-guard.ts';

export interface CheckpointShell {
  readonly openRound: OpenRoundFor;
  readonly checkpoints: CheckpointDriver;
  readonly guard: UploadGuard;
  readonly reader: Pick<JobReader, 'at'>;
  readonly log: Pick<Logger, 'warn'>;
}

type Handlers = Pick<ServiceHandlers<typeof RoundService>, 'offerCheckpoint' | 'complainAboutCheckpoint'>;

const RULES = ACCESS_RULES.RoundService;

export function createCheckpointHandlers(shell: CheckpointShell): Handlers {
  return {
    async offerCheckpoint({ site }, { ref, checkpoint }) {
      const round = await shell.openRound(RULES.offerCheckpoint, site, ref);
      const message = requireMessage(checkpoint, 'checkpoint');
      const { modelHash, root, rosterHash } = openFor(sealedCheckpointCodec, message, { round, site });
      await shell.guard.submit({
        uploads: [{ target: await shell.checkpoints.target(round.id, site, rosterHash), root }],
        isAwaited: async () => {
          const request = await shell.checkpoints.about(round.id);
          return request !== undefined && isUploadWanted(request, site);
        },
        submit: () =>
          changeRequest(shell, round, (request) => {
            refuseUnless(modelHash === request.modelHash, 'WRONG_CONTEXT', 'checkpoint: of another model');
            const isForThem = rosterHash === request.sealedFor;
            refuseUnless(isForThem, 'WRONG_CONTEXT', 'checkpoint: sealed to another roster');
            const digest = messageLeaf(message);
            return withOffer(request, { sealer: site, root, digest, ...toText(message) });
          }),
      });
      return {};
    },
    complainAboutCheckpoint: (caller, request) => complain(shell, caller, request),
  };
}

/** The target of an upload that is wanted; refuses WRONG_PHASE. */
export async function wantedCheckpoint(
  checkpoints: CheckpointDriver,
  { id }: OpenRound,
  site: SiteId,
): Promise<UploadTarget> {
  const request = await checkpoints.about(id);
  refuseUnless(
    request !== undefined && isUploadWanted(request, site),
    'WRONG_PHASE',
    `no checkpoint of round ${id.round} is wanted of ${site}`,
  );
  return checkpoints.target(id, site, request.sealedFor);
}

/** The target of a checkpoint that was offered; refuses NOT_FOUND. */
export async function offeredCheckpoint(
  checkpoints: CheckpointDriver,
  { id }: OpenRound,
  sealer: string,
): Promise<UploadTarget> {
  const site = parseSiteId(sealer);
  const request = await checkpoints.about(id);
  const isOffered = request?.offers.some((offer) => offer.sealer === site);
  if (request === undefined || isOffered !== true)
    throw new Refusal('NOT_FOUND', `no checkpoint of round ${id.round} sealed by ${site}`);
  return checkpoints.target(id, site, request.sealedFor);
}

async function complain(
  shell: CheckpointShell,
  { site }: Caller,
  { ref, complaint }: { ref?: RoundRef | undefined; complaint?: SignedMessage | undefined },
): Promise<Record<string, never>> {
  const round = await shell.openRound(RULES.complainAboutCheckpoint, site, ref);
  const message = requireMessage(complaint, 'checkpoint-complaint');
  const request = await shell.checkpoints.about(round.id);
  if (!request) throw new Refusal('WRONG_PHASE', `no checkpoint of round ${round.id.round} is wanted`);
  // Who complains may have joined after that round.
  const { roster } = await shell.reader.at(round.id.job, request.sealedFor);
  const { context } = round.stored.round.rules;
  const { sealer, root } = openRoundMessage(checkpointComplaintCodec, message, {
    ...{ roster, caller: site, context },
  });
  await changeRequest(shell, round, (request) =>
    withComplaint(request, { site, sealer, root, ...toText(message) }),
  );
  shell.log.warn({ event: 'checkpoint.complaint', ...round.id, site, sealer, root });
  return {};
}

function openFor<T extends { readonly site: SiteId; readonly context: Digest }>(
  codec: MessageCodec<T>,
  message: SignedMessage,
  { round, site }: { readonly round: OpenRound; readonly site: SiteId },
): T {
  const { context } = round.stored.round.rules;
  return openRoundMessage(codec, message, { roster: round.document.roster, caller: site, context });
}

async function changeRequest(
  { checkpoints }: CheckpointShell,
  { id }: OpenRound,
  change: (request: CheckpointRequest) => CheckpointRequest,
): Promise<void> {
  const stored = await checkpoints.change(id, change);
  if (!stored) throw new Refusal('WRONG_PHASE', `no checkpoint of round ${id.round} is wanted`);
}

function toText({ payload, signature }: SignedMessage): { payload: string; signature: string } {
  return { payload: encodeBase64(payload), signature: toHex(signature) };
}
