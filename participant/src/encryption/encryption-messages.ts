// What the site's main thread and its encryption worker say to each other.
import { Refusal, type OpenedSum, type RefusalCode } from '@blindsum/proto';
import type {
  CheckpointOpeningTask,
  CheckpointSealingTask,
  OpenedModel,
  SealedFile,
} from './checkpoint-file.ts';
import type { ChunkProgress } from './chunk-progress.ts';
import type { ChecksumTask, ChecksumValues } from './file-checksum.ts';
import type {
  OpenedShares,
  OpeningTask,
  ReconstructedKey,
  ReconstructionTask,
  SealedBundle,
  ShareOpeningTask,
} from './key-shares.ts';
import type { DecryptionTask } from './sum-decryptor.ts';
import type { EncryptedUpdate, EncryptionTask } from './update-encryptor.ts';

/** What the worker can do: the task and the result of each operation. */
export interface Operations {
  readonly encrypt: { readonly task: EncryptionTask; readonly result: EncryptedUpdate };
  readonly checksum: { readonly task: ChecksumTask; readonly result: ChecksumValues };
  readonly decrypt: { readonly task: DecryptionTask; readonly result: OpenedSum };
  readonly openShares: { readonly task: ShareOpeningTask; readonly result: OpenedShares };
  readonly sealOpening: { readonly task: OpeningTask; readonly result: SealedBundle };
  readonly reconstructKey: { readonly task: ReconstructionTask; readonly result: ReconstructedKey };
  readonly sealCheckpoint: { readonly task: CheckpointSealingTask; readonly result: SealedFile };
  readonly openCheckpoint: { readonly task: CheckpointOpeningTask; readonly result: OpenedModel };
  readonly checkpointRoot: { readonly task: string; readonly result: SealedFile };
}

export type OperationName = keyof Operations;

export interface ToWorker {
  readonly id: number;
  readonly operation: OperationName;
  readonly task: Operations[OperationName]['task'];
}

export type FromWorker =
  | { readonly kind: 'progress'; readonly id: number; readonly progress: ChunkProgress }
  | { readonly kind: 'done'; readonly id: number; readonly result: Operations[OperationName]['result'] }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: Failure };

/** An error as it crosses the border: a structured clone would lose a Refusal's code. */
export type Failure =
  | { readonly kind: 'refusal'; readonly code: RefusalCode; readonly detail: string }
  | { readonly kind: 'crash'; readonly message: string };

export function toFailure(error: unknown): Failure {
  if (error instanceof Refusal) return { kind: 'refusal', code: error.code, detail: error.detail };
  return { kind: 'crash', message: error instanceof Error ? error.message : 'unknown error' };
}

export function toError(failure: Failure): Error {
  return failure.kind === 'refusal'
    ? new Refusal(failure.code, failure.detail)
    : new Error(`the encryption worker failed: ${failure.message}`);
}
