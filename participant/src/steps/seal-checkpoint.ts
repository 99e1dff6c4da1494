// Seals a model that this site attested to all members, for sites that were away, and hands it to the coordinator. A favour:
// when the coordinator cannot take it, this site goes on without it.
import { existsSync } from 'node:fs';
import {
  encodeGlobalModel,
  Refusal,
  sealedCheckpointCodec,
  sharingKeyOf,
  signMessage,
  type RefusalCode,
} from '@blindsum/proto';
import { ownIndex, timed, type Session } from '../session-context.ts';
import type { ProvenModel } from '../session/model-evidence.ts';

/** Another site was faster, the next round is published, or there is no room. */
const NOT_WANTED: ReadonlySet<RefusalCode> = new Set(['WRONG_PHASE', 'QUOTA_EXCEEDED', 'NOT_FOUND']);

export async function offerCheckpoint(session: Session, model: ProvenModel): Promise<void> {
  const { ref } = model;
  try {
    await timed(
      session,
      () => sealAndUpload(session, model),
      (bytesSent, ms) => ({ event: 'checkpoint-sealed', ...ref, bytesSent, ms }),
    );
  } catch (error) {
    if (!(error instanceof Refusal) || !NOT_WANTED.has(error.code)) throw error;
  }
}

/** Returns the bytes that went out. */
async function sealAndUpload(session: Session, { ref, context, modelHash }: ProvenModel): Promise<number> {
  const { checkpoints, coordinator, encryptor, keys, terms, transfers } = session;
  const path = checkpoints.path(ref, terms.site, terms.rosterHash);
  // An upload goes on with the bytes that it began with: under another content key they would not fit together.
  const { root } = existsSync(path)
    ? await encryptor.checkpointRoot(path)
    : await encryptor.sealCheckpoint({
        ...{ path, context, modelHash, sealer: ownIndex(terms) },
        sharingKeys: terms.roster.members.map(sharingKeyOf),
        model: encodeGlobalModel(computedModel(session, ref.round)),
      });
  const bytesSent = await transfers.upload(ref, 'checkpoint', path);
  const offer = { context, site: terms.site, modelHash, rosterHash: terms.rosterHash, root };
  await coordinator.send(
    'checkpoint',
    ref,
    signMessage(sealedCheckpointCodec, offer, keys.sign, terms.roster),
  );
  return bytesSent;
}

function computedModel({ journal, models, terms }: Session, round: number) {
  const outcome = journal.outcome(terms.manifest.job, round);
  if (outcome === undefined) throw new Error('a model to seal is not in the journal');
  return models.load({ file: outcome.modelFile, hash: outcome.modelHash });
}
