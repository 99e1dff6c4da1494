// The models that this site has computed itself and still keeps: those that it can vote for, because it needs nobody's word for what
// they are.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { refuseUnless, toHex, type Digest, type JobId } from '@blindsum/proto';
import type { Journal } from '../journal/journal.ts';

export interface HeldModel {
  readonly job: JobId;
  readonly round: number;
  /** The attempt that gave it. */
  readonly attempt: number;
  /** SHA-256("blindsum/v1/model" ‖ file), as this site attested it. */
  readonly modelHash: Digest;
  /** Path of the file. */
  readonly path: string;
}

/** Those of a job, by round. */
export function heldModels(
  stateDirectory: string,
  journal: Pick<Journal, 'outcome'>,
  job: JobId,
): HeldModel[] {
  const folder = join(stateDirectory, 'models', job);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap((name) => /^round-(\d+)\.bin$/.exec(name)?.[1] ?? [])
    .map(Number)
    .toSorted((a, b) => a - b)
    .flatMap((round) => {
      const outcome = journal.outcome(job, round);
      if (outcome === undefined) return [];
      const { attempt, modelHash, modelFile } = outcome;
      return [{ job, round, attempt, modelHash, path: join(folder, modelFile) }];
    });
}

/** SHA-256 of the file; refuses MODEL_MISMATCH if it is not the model that this site attested. */
export function readFileDigest({ path, modelHash }: Pick<HeldModel, 'path' | 'modelHash'>): Digest {
  const bytes = readFileSync(path);
  const hash = createHash('sha256').update('blindsum/v1/model').update(bytes).digest('hex');
  refuseUnless(hash === modelHash, 'MODEL_MISMATCH', `${path}: the file was changed`);
  return toHex(createHash('sha256').update(bytes).digest()) as Digest;
}
