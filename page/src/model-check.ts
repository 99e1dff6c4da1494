// Whether a file is the model that a record is about.
import { refuseUnless, toHex, utf8, type Bytes } from '@blindsum/proto';
import type { LogRecord } from '@blindsum/proto/tlog';
import { passed, skipped, type Outcome } from './check.ts';
import { toShort } from './log-checks.ts';

/** Under which the hash of a model is computed (PROTOCOL.md section 3). */
export const MODEL_DOMAIN: Bytes = utf8('blindsum/v1/model');

/** A file and its SHA-256 digests: of its bytes alone, and of MODEL_DOMAIN and its bytes. */
export interface ModelFile {
  readonly name: string;
  readonly fileDigest: Bytes;
  readonly modelDigest: Bytes;
}

/** Refuses MODEL_MISMATCH unless the file is the model of that round or release. */
export async function checkModel(
  { kind, predicate }: LogRecord,
  model: ModelFile | undefined,
): Promise<Outcome> {
  if (kind !== 'round' && kind !== 'release') return skipped(`A record of kind ${kind} is about no model.`);
  if (!model) return skipped('Add the file of the model.');
  const modelHash = toHex(model.modelDigest);
  refuseUnless(
    modelHash === predicate.modelHash,
    'MODEL_MISMATCH',
    `the model hash of ${model.name} is ${toShort(modelHash)}, the record says ${toShort(predicate.modelHash)}`,
  );
  const isFile = kind === 'round' || toHex(model.fileDigest) === predicate.fileDigest;
  refuseUnless(isFile, 'MODEL_MISMATCH', `${model.name} has another file digest than the record says`);
  return passed(`${model.name} has the model hash ${toShort(modelHash)} of the record.`);
}
