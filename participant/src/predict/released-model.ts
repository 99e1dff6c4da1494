// A released model as anybody fetches it: `model.json` and `model.bin` in one folder. The description is hostile until it is parsed,
// and the file is nothing but what the description names by its hashes.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import {
  createModelLayout,
  describeIssues,
  digestSchema,
  federationSchema,
  inputWidth,
  jobIdSchema,
  modelSpecFormat,
  numberFeatures,
  parseDataSchema,
  parseUtf8,
  Refusal,
  refuseUnless,
  type Bytes,
  type DataSchema,
  type Digest,
  type ModelLayout,
} from '@blindsum/proto';
import { toSystemFault } from '@blindsum/proto/node';

const HEADER_BYTES = 16;
const MAX_DESCRIPTION_BYTES = 16 << 20;

const descriptionFormat = z.looseObject({
  format: z.literal('blindsum-model/v1'),
  federation: federationSchema,
  job: jobIdSchema,
  round: z.int().min(0),
  modelHash: digestSchema,
  file: z.looseObject({
    name: z.literal('model.bin'),
    bytes: z.int().min(HEADER_BYTES),
    sha256: digestSchema,
  }),
  inputs: z.looseObject({ features: z.unknown(), label: z.unknown() }),
  standardisation: z.array(z.looseObject({ column: z.string(), mean: z.number(), deviation: z.number() })),
  activation: modelSpecFormat.shape.activation,
  tensors: z.array(z.looseObject({ name: z.string(), shape: z.array(z.int().min(1)).min(1).max(2) })).min(2),
});

export interface ReleasedModel {
  readonly job: string;
  readonly round: number;
  readonly modelHash: Digest;
  readonly schema: DataSchema;
  readonly layout: ModelLayout;
  readonly weights: Float32Array;
  /** Of each numeric feature, in units of its range. */
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

/** Reads both files; refuses MALFORMED or MANIFEST_INVALID for the description, and MODEL_MISMATCH for a file that is not the one it describes. */
export async function loadReleasedModel(folder: string): Promise<ReleasedModel> {
  const [text, file] = await Promise.all([read(join(folder, 'model.json')), read(join(folder, 'model.bin'))]);
  refuseUnless(text.length <= MAX_DESCRIPTION_BYTES, 'MALFORMED', 'model.json: too long');
  return parseReleasedModel(parseUtf8(text, 'model.json'), file);
}

/** The model of a description and a file; refuses as loadReleasedModel does. */
export function parseReleasedModel(text: string, file: Bytes): ReleasedModel {
  const { inputs, file: described, ...description } = parseDescription(text);
  const schema = parseDataSchema({ features: inputs.features, label: inputs.label });
  const { job, round, modelHash, tensors, activation } = description;
  const hidden = tensors
    .flatMap(({ name, shape }) => (name.endsWith('/bias') ? [shape[0]!] : []))
    .slice(0, -1);
  const layout = createModelLayout({ kind: 'mlp', hidden, activation }, inputWidth(schema));
  const features = numberFeatures(schema).length;
  const bytes = HEADER_BYTES + layout.parameterCount * 4 + features * 16 + layout.tensors.length;
  const isFile =
    file.length === bytes &&
    hashOf(file) === described.sha256 &&
    hashOf(file, 'blindsum/v1/model') === modelHash;
  refuseUnless(isFile, 'MODEL_MISMATCH', 'model.bin is not the file that model.json describes');
  // A copy, because a typed array needs an aligned start.
  const body = new Uint8Array(file.subarray(HEADER_BYTES)).buffer;
  const meanAt = layout.parameterCount * 4;
  const readNumbers = (at: number) => new Float64Array(body.slice(at, at + features * 8));
  return {
    ...{ job, round, modelHash, schema, layout },
    weights: new Float32Array(body, 0, layout.parameterCount),
    mean: readNumbers(meanAt),
    deviation: readNumbers(meanAt + features * 8),
  };
}

function parseDescription(text: string): z.output<typeof descriptionFormat> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Refusal('MALFORMED', 'model.json: not JSON', { cause });
  }
  const parsed = descriptionFormat.safeParse(value);
  if (!parsed.success) throw new Refusal('MALFORMED', `model.json: ${describeIssues(parsed.error)}`);
  return parsed.data;
}

function hashOf(file: Bytes, domain = ''): string {
  return createHash('sha256').update(domain).update(file).digest('hex');
}

async function read(path: string): Promise<Bytes> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    throw new Refusal('NOT_FOUND', `${path}: cannot be read (${toSystemFault(cause)})`, { cause });
  }
}
