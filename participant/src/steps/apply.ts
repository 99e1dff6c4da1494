// From the released share sums to the next global model: reconstruct the key sum, decrypt, check every residual, apply.
import {
  applyRound,
  Refusal,
  type ChecksumStatement,
  type Digest,
  type OpenedSum,
  type SiteId,
} from '@blindsum/proto';
import type { ReceivedRecord, ReconstructedKey } from '../encryption/key-shares.ts';
import type { DecryptionTask } from '../encryption/sum-decryptor.ts';
import { indexOf, inRound, ownIndex, timed, type Session } from '../session-context.ts';
import { thresholdOf } from '../session/site-terms.ts';
import type { SummedRound } from '../session/step.ts';
import { baseModel } from './base-model.ts';
import { checkSum } from './check-sum.ts';

export type ApplyTask = SummedRound & {
  readonly checksums: readonly ChecksumStatement[];
  readonly openingRoots: ReadonlyMap<SiteId, Digest>;
};

interface Opening {
  readonly key: ReconstructedKey;
  readonly sum: DecryptionTask['sum'];
}

export async function apply(session: Session, task: ApplyTask): Promise<void> {
  const { journal, models, terms } = session;
  const { round, set } = task;
  await timed(
    session,
    async () => {
      const { model, metrics } = await computeResult(session, task);
      const saved = models.save(round.ref.round, model);
      journal.recordOutcome(terms.manifest.job, round.ref.round, {
        attempt: round.ref.attempt,
        setRoot: set.root,
        members: set.members,
        modelHash: saved.hash,
        modelFile: saved.file,
        metrics,
      });
      return { metrics, modelHash: saved.hash };
    },
    (result, ms) => ({
      event: 'applied',
      ...inRound(round),
      contributors: set.members.length,
      ...result,
      ms,
    }),
  );
}

async function computeResult(session: Session, task: ApplyTask) {
  const { encryptor, terms } = session;
  const { round, set } = task;
  const sum = await checkSum(session, task, task.checksums);
  const key = await encryptor.reconstructKey({
    context: round.context,
    setRoot: set.root,
    threshold: thresholdOf(terms),
    contributors: set.members.length,
    ownIndex: ownIndex(terms),
    sites: terms.roster.members.length,
    secretKey: session.keys.sharingSecret,
    openings: await receiveOpenings(session, task),
  });
  const opened = await decryptWith(session, task, { key, sum });
  return applyRound({ manifest: terms.manifest, kind: round.layout.kind, base: baseModel(session) }, opened);
}

/**
 * Opens the sum by the candidate under which every residual is small: no other key sum passes that. What is wrong about all of
 * them is refused as about the first.
 */
async function decryptWith(session: Session, task: ApplyTask, opening: Opening): Promise<OpenedSum> {
  const { candidates, badOpeners } = opening.key;
  let refusal: unknown;
  try {
    for (const { keySum, wrong } of candidates) {
      const attempt = await decrypt(session, task, { keySum, sum: opening.sum }).catch(toResidualRefusal);
      if (!(attempt instanceof Refusal)) {
        reportWrong(session, task, [...badOpeners, ...wrong]);
        return attempt;
      }
      refusal ??= attempt;
    }
  } finally {
    for (const { keySum } of candidates) keySum.fill(0);
  }
  throw refusal;
}

function decrypt(
  { encryptor, learner }: Session,
  { round, set }: ApplyTask,
  { keySum, sum }: Pick<DecryptionTask, 'keySum' | 'sum'>,
): Promise<OpenedSum> {
  const layout = learner.sumLayout(round.layout.kind);
  return encryptor.decrypt({ context: round.context, sum, layout, contributors: set.members.length, keySum });
}

/** What the wrong key sum shows; any other error stays one. */
function toResidualRefusal(error: unknown): Refusal {
  if (error instanceof Refusal && error.code === 'BAD_RESIDUAL') return error;
  throw error;
}

function reportWrong({ report, terms }: Session, { round }: ApplyTask, indexes: readonly number[]): void {
  if (indexes.length === 0) return;
  const sites = indexes.map((index) => terms.roster.members[index - 1]!.site).sort();
  report({ event: 'wrong-openings', ...inRound(round), sites });
}

/** One record of each member whose signed opening counts; what else the coordinator delivers is left aside. */
async function receiveOpenings(session: Session, task: ApplyTask): Promise<ReceivedRecord[]> {
  const { terms, transfers } = session;
  const records = await transfers.records(task.round.ref, 'openings', terms.roster.members.length);
  const bySite = new Map(records.map((record) => [record.site, record]));
  return [...task.openingRoots].flatMap(([site, bundleRoot]) => {
    const record = bySite.get(site);
    return record
      ? [{ from: indexOf(terms, site), bundleRoot, sealed: record.sealed, proof: record.proof }]
      : [];
  });
}
