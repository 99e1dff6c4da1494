// The federated model as the sites hold it in the end, on the held-out rows of all of them.
import {
  accuracy,
  aucFromScores,
  globalModelHash,
  manifestLayout,
  parseGlobalModel,
  type GlobalModel,
  type Manifest,
} from '@blindsum/proto';
import { readFile } from 'node:fs/promises';
import { normaliseTable } from '../../participant/src/data/normalise.ts';
import type { Table } from '../../participant/src/data/table.ts';
import { openWorkerTrainer } from '../../participant/src/training/worker-trainer.ts';
import { poolTables, type Score, type SiteTables } from './baselines.ts';

/** A site's model file with its hash. */
export interface HeldModel {
  readonly site: string;
  readonly hash: string;
  readonly model: GlobalModel;
}

/** Reads a model file as a site left it; refuses MODEL_MISMATCH one of another shape. */
export async function readModel(site: string, path: string, manifest: Manifest): Promise<HeldModel> {
  const model = parseGlobalModel(await readFile(path), manifest);
  return { site, hash: globalModelHash(model), model };
}

/** Accuracy and exact AUC of one site's model on all held-out rows. */
export async function evaluateModel(
  { model }: HeldModel,
  manifest: Manifest,
  sites: readonly SiteTables[],
): Promise<Score> {
  const holdout = poolTables(sites.map((site) => site.holdout));
  const data = normalise(holdout, model);
  const trainer = await openWorkerTrainer({
    layout: manifestLayout(manifest),
    training: data,
    holdout: data,
    backend: 'auto',
  });
  try {
    const auc = aucFromScores(await trainer.predict(model.weights), holdout.labels);
    if (auc === undefined) throw new Error('the held-out rows are of one class only');
    return { accuracy: accuracy(await trainer.evaluate(model.weights, 1)), auc };
  } finally {
    await trainer.close();
  }
}

function normalise(table: Table, { mean, deviation }: GlobalModel) {
  // In units of a declared range no deviation is above 0.5: 1 stands for a constant feature.
  const isConstant = Array.from(deviation, (value) => value === 1);
  return normaliseTable(table, { mean, deviation, isConstant, examples: table.rows });
}
