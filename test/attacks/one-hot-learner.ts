// A site's learner over a few rows, with a trainer whose update is one-hot: a 2 in the sum proves double counting and a
// missing 1 proves loss.
import { manifestLayout, summariseLogits, type Manifest, type Roster, type SiteId } from '@blindsum/proto';
import type { Split } from '../../participant/src/data/split.ts';
import type { Table } from '../../participant/src/data/table.ts';
import { LocalLearner } from '../../participant/src/local-learner.ts';
import type { Trainer, TrainRequest } from '../../participant/src/training/trainer.ts';

const ROWS = 4;
const HELD_OUT = 2;

/** The parameter that only the site with this 0-based index changes: a bias, which is 0 in the initial model. */
export function oneHotPlace(manifest: Manifest, index: number): number {
  const bias = manifestLayout(manifest).tensors.find(({ name }) => name === 'dense_0/bias');
  if (bias === undefined) throw new Error('the model has no dense_0/bias');
  return bias.offset + index;
}

/** The largest value that is not clipped: it is quantised exactly. */
export function oneHotValue({ encoding }: Manifest): number {
  return 2 ** encoding.initialRangeExponent;
}

export function createOneHotLearner(manifest: Manifest, roster: Roster, site: SiteId): LocalLearner {
  const index = roster.members.findIndex((member) => member.site === site);
  const data = oneHotRows(manifest, index);
  const openTrainer = async () => createOneHotTrainer(manifest, index);
  return new LocalLearner({ manifest, site, data, openTrainer });
}

/** The rows of the site with this 0-based index. */
export function oneHotRows(manifest: Manifest, index: number): Split {
  return {
    training: tableOf(manifest, ROWS + index, index),
    holdout: tableOf(manifest, HELD_OUT, index),
  };
}

/** A trainer that changes the site's own parameter only. */
export function createOneHotTrainer(manifest: Manifest, index: number): Trainer {
  const logits = Float32Array.of(index - 1, -1);
  return {
    info: () => ({ backend: 'cpu', package: 'none', version: '0', tried: [] }),
    async train({ weights }: TrainRequest) {
      const local = weights.slice();
      const place = oneHotPlace(manifest, index);
      local[place] = local[place]! + oneHotValue(manifest);
      return { local, examples: ROWS + index, steps: 1, lossPerEpoch: [0], backend: 'cpu' };
    },
    evaluate: async (_weights, bins) => summariseLogits(logits, Uint8Array.of(1, 0), bins),
    predict: async () => logits,
    close: async () => undefined,
  };
}

/** Rows that differ from site to site; one age is out of range. */
function tableOf({ data }: Manifest, rows: number, index: number): Table {
  const numbers = Float64Array.from({ length: 2 * rows }, (_, i) =>
    i % 2 === 0 ? 30 * (i + index) : 0.3 * index,
  );
  return {
    schema: data,
    rows,
    numbers,
    categories: new Uint8Array(rows).fill(index % 2),
    labels: Uint8Array.from({ length: rows }, (_, i) => i % 2),
  };
}
