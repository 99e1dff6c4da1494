// The Trainer port over a worker thread: the site's main thread stays free for the network and for cancelling.
import { Worker } from 'node:worker_threads';
import type { EvaluationSums } from '@blindsum/proto';
import type {
  BackendInfo,
  Trainer,
  TrainerSetup,
  TrainProgress,
  TrainRequest,
  TrainResult,
} from './trainer.ts';
import {
  toError,
  type FromWorker,
  type ToWorker,
  type TrainingCall,
  type TrainingReply,
} from './training-messages.ts';

const WORKER = new URL('./training-worker.ts', import.meta.url);

/**
 * Starts a worker with a copy of the data and waits for its backend; refuses CONFIG_INVALID when the backend is not there,
 * MODEL_MISMATCH when data and model do not fit.
 */
export async function openWorkerTrainer(setup: TrainerSetup): Promise<Trainer> {
  // libtensorflow reads the process's environment, which a worker cannot change, and is talkative below level 2.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  return openTrainerIn(new Worker(WORKER, { workerData: setup, stdout: true }));
}

/** As openWorkerTrainer, in a worker that the caller started (with `stdout: true`). */
export async function openTrainerIn(worker: Worker): Promise<Trainer> {
  // The standard output belongs to the program: what a library prints there goes to the standard error.
  worker.stdout.on('data', (chunk: Buffer) => process.stderr.write(chunk));
  const trainer = new WorkerTrainer(worker);
  try {
    await trainer.opened;
    return trainer;
  } catch (error) {
    await trainer.close();
    throw error;
  }
}

interface PendingCall {
  readonly onProgress: (progress: TrainProgress) => void;
  readonly resolve: (reply: TrainingReply) => void;
  readonly reject: (error: Error) => void;
}

class WorkerTrainer implements Trainer {
  readonly opened: Promise<void>;
  readonly #worker: Worker;
  readonly #opening = Promise.withResolvers<void>();
  readonly #pending = new Map<number, PendingCall>();
  #info: BackendInfo | undefined;
  #lastId = 0;
  #end: Error | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    this.opened = this.#opening.promise;
    worker.on('message', (message: FromWorker) => this.#receive(message));
    worker.on('error', (error) => this.#stop(toCrash(error)));
    worker.on('messageerror', (error) => this.#stop(error));
    worker.on('exit', (code) => this.#stop(new Error(`the training worker ended with code ${code}`)));
  }

  info(): BackendInfo {
    if (this.#info === undefined) throw new Error('the trainer is not open');
    return this.#info;
  }

  async train({ signal, onProgress, ...request }: TrainRequest): Promise<TrainResult> {
    signal?.throwIfAborted();
    const cancelled = new Int32Array(new SharedArrayBuffer(4));
    const cancel = () => Atomics.store(cancelled, 0, 1);
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      return (await this.#call({ kind: 'train', request, cancelled }, onProgress)) as TrainResult;
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  async evaluate(weights: Float32Array, bins: number): Promise<EvaluationSums> {
    return (await this.#call({ kind: 'evaluate', weights, bins })) as EvaluationSums;
  }

  async predict(weights: Float32Array): Promise<Float32Array> {
    return (await this.#call({ kind: 'predict', weights })) as Float32Array;
  }

  async close(): Promise<void> {
    this.#stop(new Error('the trainer is closed'));
    await this.#worker.terminate();
  }

  #call(call: TrainingCall, onProgress: PendingCall['onProgress'] = () => undefined): Promise<TrainingReply> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    const { promise, resolve, reject } = Promise.withResolvers<TrainingReply>();
    const id = ++this.#lastId;
    this.#pending.set(id, { onProgress, resolve, reject });
    this.#worker.postMessage({ id, call } satisfies ToWorker);
    return promise;
  }

  #receive(message: FromWorker): void {
    switch (message.kind) {
      case 'opened':
        this.#info = message.info;
        return this.#opening.resolve();
      case 'not-opened':
        return this.#opening.reject(toError(message.failure));
      case 'progress':
        return this.#pending.get(message.id)?.onProgress(message.progress);
      case 'done':
        return this.#settle(message.id)?.resolve(message.reply);
      case 'failed':
        return this.#settle(message.id)?.reject(toError(message.failure));
    }
  }

  #settle(id: number): PendingCall | undefined {
    const call = this.#pending.get(id);
    this.#pending.delete(id);
    return call;
  }

  /** The first end counts: a crash is followed by an exit. */
  #stop(error: Error): void {
    this.#end ??= error;
    this.#opening.reject(this.#end);
    for (const id of this.#pending.keys()) this.#settle(id)?.reject(this.#end);
  }
}

function toCrash(error: unknown): Error {
  const message = error instanceof Error ? error.message : 'unknown error';
  return new Error(`the training worker crashed: ${message}`, { cause: error });
}
