// The model that the current round starts from.
import type { Digest, GlobalModel } from '@blindsum/proto';
import type { Session } from '../session-context.ts';
import type { RoundReference } from '../session/round-snapshot.ts';

/** The recorded current model; the initial one is recorded by the first call for a job. */
export function baseModel({ journal, models, terms }: Session): GlobalModel {
  const recorded = journal.model(terms.manifest.job);
  if (recorded === undefined) throw new Error('a round began before its base model was looked up');
  return models.load(recorded);
}

/**
 * The hash of the model that round `ref.round` starts from, or undefined if this site does not hold it. The outcome of the
 * round before becomes the current model here: once the next round is announced nothing of that round is owed any more.
 */
export function heldModelHash(session: Session, ref: RoundReference): Digest | undefined {
  const { journal, models, terms } = session;
  const { job } = terms.manifest;
  if (journal.model(job) === undefined) journal.recordModel(job, models.saveInitial());
  for (let current = journal.model(job); current !== undefined; current = journal.model(job)) {
    if (current.round + 1 >= ref.round) return current.round + 1 === ref.round ? current.hash : undefined;
    const outcome = journal.outcome(job, current.round + 1);
    if (outcome === undefined) return undefined;
    const next = { round: current.round + 1, hash: outcome.modelHash, file: outcome.modelFile };
    journal.recordModel(job, next);
    models.announce(next);
  }
  return undefined;
}
