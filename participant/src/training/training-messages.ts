// What the site's main thread and its training worker say to each other.
import { Refusal, type EvaluationSums, type RefusalCode } from '@blindsum/proto';
import { TrainingCancelled, type LocalTrainRequest } from './tfjs-trainer.ts';
import type { BackendInfo, TrainProgress, TrainResult } from './trainer.ts';

export type TrainingCall =
  /** `cancelled` is shared memory: a worker that is computing receives no messages, but sees a 1 there. */
  | { readonly kind: 'train'; readonly request: LocalTrainRequest; readonly cancelled: Int32Array }
  | { readonly kind: 'evaluate'; readonly weights: Float32Array; readonly bins: number }
  | { readonly kind: 'predict'; readonly weights: Float32Array };

export type TrainingReply = TrainResult | EvaluationSums | Float32Array;

export interface ToWorker {
  readonly id: number;
  readonly call: TrainingCall;
}

export type FromWorker =
  | { readonly kind: 'opened'; readonly info: BackendInfo }
  | { readonly kind: 'not-opened'; readonly failure: Failure }
  | { readonly kind: 'progress'; readonly id: number; readonly progress: TrainProgress }
  | { readonly kind: 'done'; readonly id: number; readonly reply: TrainingReply }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: Failure };

/** An error as it crosses the border: a structured clone would lose a Refusal's code. */
export type Failure =
  | { readonly kind: 'refusal'; readonly code: RefusalCode; readonly detail: string }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'crash'; readonly message: string };

export function toFailure(error: unknown): Failure {
  if (error instanceof Refusal) return { kind: 'refusal', code: error.code, detail: error.detail };
  if (error instanceof TrainingCancelled) return { kind: 'cancelled' };
  return { kind: 'crash', message: error instanceof Error ? error.message : String(error) };
}

/** The error to reject with; a cancelled call rejects with the reason of its signal instead. */
export function toError(failure: Failure): Error {
  switch (failure.kind) {
    case 'refusal':
      return new Refusal(failure.code, failure.detail);
    case 'cancelled':
      return new TrainingCancelled('the training was cancelled');
    case 'crash':
      return new Error(`the training worker failed: ${failure.message}`);
  }
}
