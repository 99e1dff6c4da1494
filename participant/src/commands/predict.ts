// `predict`: what a released model says about the rows of a CSV file. Needs no configuration, and sends nothing.
import { readUnlabelledCsv } from '../data/csv-source.ts';
import { predict } from '../predict/predict.ts';
import { loadReleasedModel } from '../predict/released-model.ts';
import type { Print } from './print.ts';

export interface PredictOptions {
  /** Folder with model.json and model.bin. */
  readonly model: string;
  /** CSV file. */
  readonly rows: string;
}

/** Prints a probability of the positive label for each row, in the order of the file. */
export async function predictRows({ model: folder, rows }: PredictOptions, print: Print): Promise<void> {
  const model = await loadReleasedModel(folder);
  const probabilities = predict(model, await readUnlabelledCsv(rows, model.schema));
  const { job, round, modelHash, schema } = model;
  const { label } = schema;
  const printed = Array.from(probabilities, (value) => value.toFixed(6));
  print(
    {
      job,
      round,
      modelHash,
      label: label.column,
      positive: label.positive,
      probabilities: [...probabilities],
    },
    [`probability_of_${label.positive}`, ...printed].join('\n'),
  );
}
