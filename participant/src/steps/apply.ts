// From the released share sums to the next global model: reconstruct the key sum, decrypt, check every residual, apply.
import { applyRound, type ChecksumStatement, type Digest, type SiteId } from '@blindsum/proto';
import type { ReceivedRecord } from '../encryption/key-shares.ts';
import { indexOf, inRound, ownIndex, timed, type Session } from '../session-context.ts';
import type { SummedRound } from '../session/step.ts';
import { baseModel } from './base-model.ts';
import { checkSum } from './check-sum.ts';

export type ApplyTask = SummedRound & {
  readonly checksums: readonly ChecksumStatement[];
  readonly openingRoots: ReadonlyMap<SiteId, Digest>;
};

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
  const { encryptor, learner, terms } = session;
  const { round, set } = task;
  const sum = await checkSum(session, task, task.checksums);
  const { keySum } = await encryptor.reconstructKey({
    context: round.context,
    setRoot: set.root,
    threshold: terms.manifest.threshold,
    contributors: set.members.length,
    ownIndex: ownIndex(terms),
    sites: terms.roster.members.length,
    secretKey: session.keys.sharingSecret,
    openings: await receiveOpenings(session, task),
  });
  const opened = await encryptor.decrypt({
    context: round.context,
    sum,
    layout: learner.sumLayout(round.layout.kind),
    contributors: set.members.length,
    keySum,
  });
  keySum.fill(0);
  const sites = terms.roster.members.length;
  return applyRound(
    { manifest: terms.manifest, sites, kind: round.layout.kind, base: baseModel(session) },
    opened,
  );
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
