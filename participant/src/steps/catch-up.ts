// Fetches the sealed model of a round that this site missed. That the model is the right one was proved before, by
// attestations; here the bytes are held to its hash, and only then kept.
import {
  checkpointBytes,
  checkpointComplaintCodec,
  globalModelBytes,
  parseGlobalModel,
  Refusal,
  signMessage,
} from '@blindsum/proto';
import type { OpenedModel } from '../encryption/checkpoint-file.ts';
import { indexOf, ownIndex, timed, type Session } from '../session-context.ts';
import type { OfferedCheckpoint, ProvenModel } from '../session/model-evidence.ts';

export type CatchUpTask = OfferedCheckpoint & { readonly model: ProvenModel };

/**
 * Makes the model the current one. Refuses ROOT_MISMATCH bytes that the sealer did not sign for, and BAD_MODEL_CHECKPOINT,
 * naming the sealer, after complaining to the coordinator, what does not open to the model.
 */
export async function catchUp(session: Session, task: CatchUpTask): Promise<void> {
  const { checkpoints, journal, models, terms } = session;
  const { ref, modelHash } = task.model;
  await timed(
    session,
    async () => {
      const { model } = await fetchModel(session, task);
      const saved = models.save(ref.round, parseGlobalModel(model, terms.manifest));
      journal.recordModel(ref.job, saved);
      // Only if it became the current one: a newer model stays.
      if (journal.model(ref.job)?.file === saved.file) models.announce(saved);
      checkpoints.retire(ref.job);
    },
    (_, ms) => ({ event: 'caught-up', ...ref, modelHash, sealer: task.sealer, ms }),
  );
}

async function fetchModel(session: Session, task: CatchUpTask): Promise<OpenedModel> {
  const { checkpoints, encryptor, files, keys, terms, transfers } = session;
  const { sealer, root } = task;
  const { ref, context, modelHash } = task.model;
  const shape = {
    members: terms.roster.members.length,
    modelBytes: globalModelBytes(terms.manifest),
  };
  const path = checkpoints.path(ref, sealer, terms.rosterHash);
  await transfers.download(
    ref,
    { kind: 'checkpoint', site: sealer },
    { path, bytes: checkpointBytes(shape) },
  );
  try {
    return await encryptor.openCheckpoint({
      ...{ path, context, modelHash, root, ...shape },
      sealer: indexOf(terms, sealer),
      ownIndex: ownIndex(terms),
      secretKey: keys.sharingSecret,
    });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    files.remove(path);
    if (error.code !== 'BAD_MODEL_CHECKPOINT') throw error;
    await complain(session, task);
    const detail = `the checkpoint of round ${ref.round} that ${sealer} sealed: ${error.detail}`;
    throw new Refusal(error.code, detail, { cause: error });
  }
}

async function complain({ coordinator, keys, terms }: Session, task: CatchUpTask): Promise<void> {
  const { sealer, root, model } = task;
  const complaint = { context: model.context, site: terms.site, sealer, root };
  const message = signMessage(checkpointComplaintCodec, complaint, keys.sign, terms.roster);
  await coordinator.send('checkpoint-complaint', model.ref, message);
}
