import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import {
  aucFromScores,
  createModelLayout,
  encodeStatistics,
  initialWeights,
  inputWidth,
  parseDataSchemaConfiguration,
  parseJobFile,
  parseEvaluation,
  encodeEvaluation,
  statisticsFromSums,
  toEvaluation,
  type ModelSpec,
} from '@blindsum/proto';
import { parse } from 'yaml';
import { readCsv } from '../data/csv-source.ts';
import { normaliseTable } from '../data/normalise.ts';
import { splitTable } from '../data/split.ts';
import { concatTables, selectRows, type Table } from '../data/table.ts';
import { trainBaseline } from './local-baseline.ts';
import { TfjsTrainer } from './tfjs-trainer.ts';

const EXAMPLES = join(import.meta.dirname, '../../../examples');
const MODEL: ModelSpec = { kind: 'mlp', hidden: [16, 8], activation: 'relu' };
const ROUNDS = 10;
const LOCAL = { epochs: 2, batchSize: 32, optimizer: { kind: 'sgd', learningRate: 0.1 } } as const;
/** Each site's share of the malignant and of the benign cases: uneven in size and in label. */
const SHARES = [
  [0.55, 0.1],
  [0.4, 0.3],
  [0.05, 0.6],
] as const;

test('three sites that average their weights reach what pooling their rows would give', async () => {
  const sites = (await siteTables()).map((table, i) => splitTable(table, 0.2, i));
  const [first, ...rest] = sites.map(({ holdout }) => holdout);
  const holdout = concatTables([first!, ...rest]);
  const federated = await federate(
    sites.map((site) => site.training),
    sites.map((site) => site.holdout),
  );
  const [one, ...others] = sites.map(({ training }) => training);
  const pooled = await baseline(concatTables([one!, ...others]), holdout);
  const alone = await Promise.all(sites.map(({ training }) => baseline(training, holdout)));
  const worst = Math.min(...alone.map(({ auc }) => auc!));
  assert.ok(federated.exactAuc > pooled.auc! - 0.01, `federated ${federated.exactAuc}, pooled ${pooled.auc}`);
  assert.ok(federated.exactAuc > worst, `federated ${federated.exactAuc}, worst alone ${worst}`);
  assert.ok(
    Math.abs(federated.summedAuc - federated.exactAuc) < 1e-3,
    'the summed histograms give the same curve',
  );
  assert.ok(federated.accuracy > 0.93, `accuracy ${federated.accuracy}`);
});

async function siteTables(): Promise<Table[]> {
  const jobFile = join(EXAMPLES, 'breast-cancer/job.yaml');
  const schema = parseDataSchemaConfiguration(parseJobFile(parse(await readFile(jobFile, 'utf8'))).data);
  const table = await readCsv(join(EXAMPLES, 'data/breast_cancer.csv'), schema);
  const taken = [0, 0];
  return SHARES.map(([malignant, benign], i) => {
    const rows = [benign, malignant].flatMap((share, label) => {
      const all = [...table.labels.keys()].filter((row) => table.labels[row] === label);
      const end = i === SHARES.length - 1 ? all.length : taken[label]! + Math.round(share * all.length);
      return all.slice(taken[label], (taken[label] = end));
    });
    return selectRows(table, Uint32Array.from(rows));
  });
}

async function federate(training: Table[], holdouts: Table[]) {
  const { schema } = training[0]!;
  const statistics = statisticsFromSums(
    schema,
    addUp(training.map((t) => encodeStatistics(schema, t, 24).integers)),
    24,
  );
  const layout = createModelLayout(MODEL, inputWidth(schema));
  const trainers = await Promise.all(
    training.map((table, i) =>
      TfjsTrainer.open({
        layout,
        training: normaliseTable(table, statistics),
        holdout: normaliseTable(holdouts[i]!, statistics),
        backend: 'cpu',
      }),
    ),
  );
  const examples = training.reduce((sum, { rows }) => sum + rows, 0);
  let weights = initialWeights(layout, 'job');
  for (let round = 1; round <= ROUNDS; round++) {
    const average = new Float64Array(weights.length);
    trainers.forEach((trainer, i) => {
      const request = { ...LOCAL, weights, seed: round * 10 + i };
      const result = trainer.train(request, { onProgress: () => undefined, isCancelled: () => false });
      result.local.forEach((value, k) => (average[k]! += (value * result.examples) / examples));
    });
    weights = Float32Array.from(average);
  }
  const logits = trainers.map((trainer) => [...trainer.predict(weights)]);
  const labels = Uint8Array.from(holdouts.flatMap((table) => [...table.labels]));
  const sums = addUp(trainers.map((trainer) => encodeEvaluation(trainer.evaluate(weights, 512))));
  const { auc, accuracy } = toEvaluation(parseEvaluation(sums, 512));
  trainers.forEach((trainer) => trainer.dispose());
  return { exactAuc: aucFromScores(Float32Array.from(logits.flat()), labels)!, summedAuc: auc!, accuracy };
}

function baseline(training: Table, holdout: Table) {
  const request = { ...LOCAL, epochs: LOCAL.epochs * ROUNDS, model: MODEL, initialSeed: 'job', seed: 5 };
  return trainBaseline({ ...request, training, holdout, backend: 'wasm' });
}

function addUp(vectors: number[][]): number[] {
  return vectors.reduce((sum, vector) => sum.map((value, i) => value + vector[i]!));
}
