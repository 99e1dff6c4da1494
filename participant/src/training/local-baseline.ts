// What a federation is compared with: the same model trained in one place, on one site's rows or on pooled rows.
import {
  accuracy,
  aucFromScores,
  createModelLayout,
  encodeStatistics,
  initialWeights,
  inputWidth,
  MAX_FRACTION_BITS,
  statisticsFromSums,
  type ModelSpec,
} from '@blindsum/proto';
import { normaliseTable } from '../data/normalise.ts';
import type { Table } from '../data/table.ts';
import type { BackendChoice, Optimizer } from './trainer.ts';
import { openWorkerTrainer } from './worker-trainer.ts';

export interface BaselineRequest {
  readonly training: Table;
  readonly holdout: Table;
  readonly model: ModelSpec;
  /** The seed of the initial weights, as in the manifest: so that all start alike. */
  readonly initialSeed: string;
  /** In all: a federation's rounds times its epochs per round. */
  readonly epochs: number;
  readonly batchSize: number;
  readonly optimizer: Optimizer;
  readonly seed: number;
  readonly backend: BackendChoice;
}

export interface BaselineResult {
  readonly examples: number;
  readonly accuracy: number;
  /** Exact; undefined when the holdout has one class only. */
  readonly auc: number | undefined;
}

/** Trains on `training`, normalised by its own mean and deviation, and evaluates on `holdout`. */
export async function trainBaseline(request: BaselineRequest): Promise<BaselineResult> {
  const { training, holdout, model, initialSeed, backend, ...hyperparameters } = request;
  const { schema } = training;
  const sums = encodeStatistics(schema, training, MAX_FRACTION_BITS).integers;
  const statistics = statisticsFromSums(schema, sums, MAX_FRACTION_BITS);
  const layout = createModelLayout(model, inputWidth(schema));
  const trainer = await openWorkerTrainer({
    layout,
    training: normaliseTable(training, statistics),
    holdout: normaliseTable(holdout, statistics),
    backend,
  });
  try {
    const weights = initialWeights(layout, initialSeed);
    const { local } = await trainer.train({ ...hyperparameters, weights });
    const auc = aucFromScores(await trainer.predict(local), holdout.labels);
    return { examples: training.rows, accuracy: accuracy(await trainer.evaluate(local, 1)), auc };
  } finally {
    await trainer.close();
  }
}
