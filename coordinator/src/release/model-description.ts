// model.json: what a program needs to use the file of a model. Numbers are written as JavaScript writes them: the shortest decimals
// that give the same bits.
import { manifestLayout, numberFeatures, type Digest, type Manifest } from '@blindsum/proto';

export const MODEL_FILE = 'model.bin';
const HEADER_BYTES = 16;

export interface DescribedModel {
  readonly manifest: Manifest;
  readonly round: number;
  readonly modelHash: Digest;
  readonly fileDigest: Digest;
  readonly bytes: number;
  /** Of each numeric feature, in units of its range. */
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** The text of model.json; ends in a newline. */
export function describeModel({ manifest, round, modelHash, fileDigest, ...model }: DescribedModel): string {
  const { federation, job, data } = manifest;
  const { tensors, inputWidth, activation } = manifestLayout(manifest);
  const description = {
    format: 'blindsum-model/v1',
    ...{ federation, job, round, modelHash },
    file: { name: MODEL_FILE, bytes: model.bytes, sha256: fileDigest },
    inputs: { width: inputWidth, features: data.features, label: data.label },
    standardisation: numberFeatures(data).map(({ column }, i) => ({
      column,
      mean: model.mean[i],
      deviation: model.deviation[i],
    })),
    activation,
    tensors: tensors.map(({ name, shape, offset }) => ({
      ...{ name, shape, type: 'float32', order: 'row-major, little-endian' },
      byteOffset: HEADER_BYTES + offset * 4,
    })),
    use: [
      'a number x of range [min, max] becomes u = (clamp(x, min, max) - min) / (max - min), then (u - mean) / deviation, or 0 if deviation is 1: all rows had one value',
      'a category becomes one 1 among 0s, in the order of its values',
      'the inputs are those of the features, in their order; each layer is inputs x kernel + bias, with the activation between layers',
      'the last layer gives one number z: 1 / (1 + exp(-z)) is the probability of label.positive',
    ],
  };
  return `${JSON.stringify(description, null, 2)}\n`;
}
