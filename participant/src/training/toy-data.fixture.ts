// Small data for the tests of this folder.
import { createModelLayout, initialWeights, type Activation } from '@blindsum/proto';
import type { Dataset } from '../data/normalise.ts';
import { SeededRandom } from '../data/seeded-random.ts';
import type { BackendChoice, TrainerSetup } from './trainer.ts';

/** Points in the plane: the class is the side of a line on which a point lies. */
export function separable(rows: number, seed: number): Dataset {
  const random = new SeededRandom(seed);
  const x = Float32Array.from({ length: 2 * rows }, () => random.below(2001) / 1000 - 1);
  const y = Uint8Array.from({ length: rows }, (_, row) => (x[2 * row]! > 0.5 * x[2 * row + 1]! ? 1 : 0));
  return { rows, width: 2, x, y };
}

export function toySetup(backend: BackendChoice, activation: Activation = 'relu'): TrainerSetup {
  const layout = createModelLayout({ kind: 'mlp', hidden: [8, 4], activation }, 2);
  return { layout, training: separable(100, 1), holdout: separable(1500, 2), backend };
}

export function toyWeights(setup: TrainerSetup): Float32Array {
  return initialWeights(setup.layout, 'toy');
}
