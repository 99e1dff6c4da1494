// Everything with keys and ciphertexts, in a worker thread: the site's main thread stays free for the network.
import { Worker } from 'node:worker_threads';
import type { OpenedSum } from '@blindsum/proto';
import type {
  CheckpointOpeningTask,
  CheckpointSealingTask,
  OpenedModel,
  SealedFile,
} from './checkpoint-file.ts';
import type { OnProgress } from './chunk-progress.ts';
import {
  toError,
  type FromWorker,
  type OperationName,
  type Operations,
  type ToWorker,
} from './encryption-messages.ts';
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

const WORKER = new URL('./encryption-worker.ts', import.meta.url);

/**
 * The encryption a session needs. Tasks are served one after another. What the sender of a file or record did wrong is a
 * Refusal, by the codes of the functions named; any other rejection is a fault of this site. After `close`, or after the
 * worker has crashed, every call rejects.
 */
export interface Encryptor {
  /** encryptUpdate. Takes over the memory of the payload's update: the caller's array is empty afterwards. */
  encrypt(task: EncryptionTask, onProgress?: OnProgress): Promise<EncryptedUpdate>;
  /** fileChecksum. */
  checksum(task: ChecksumTask, onProgress?: OnProgress): Promise<ChecksumValues>;
  /** decryptSum. */
  decrypt(task: DecryptionTask, onProgress?: OnProgress): Promise<OpenedSum>;
  openShares(task: ShareOpeningTask): Promise<OpenedShares>;
  sealOpening(task: OpeningTask): Promise<SealedBundle>;
  reconstructKey(task: ReconstructionTask): Promise<ReconstructedKey>;
  /** sealCheckpointFile. */
  sealCheckpoint(task: CheckpointSealingTask): Promise<SealedFile>;
  /** openCheckpointFile. */
  openCheckpoint(task: CheckpointOpeningTask): Promise<OpenedModel>;
  /** partsRoot of a file that was sealed before. */
  checkpointRoot(path: string): Promise<SealedFile>;
  /** Ends the worker, also in the middle of a task: its memory, with any key in it, goes back to the system. */
  close(): Promise<void>;
}

/** Starts the worker. */
export function createEncryptor(): Encryptor {
  return new WorkerEncryptor(new Worker(WORKER));
}

interface PendingTask {
  readonly onProgress: OnProgress;
  readonly resolve: (result: Operations[OperationName]['result']) => void;
  readonly reject: (error: Error) => void;
}

class WorkerEncryptor implements Encryptor {
  readonly #worker: Worker;
  readonly #pending = new Map<number, PendingTask>();
  #lastId = 0;
  #end: Error | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (message: FromWorker) => this.#receive(message));
    worker.on('error', (cause) => this.#stop(new Error('the encryption worker crashed', { cause })));
    worker.on('messageerror', (error) => this.#stop(error));
    worker.on('exit', (code) => this.#stop(new Error(`the encryption worker ended with code ${code}`)));
    // An idle worker does not keep a program alive that has nothing else to do.
    worker.unref();
  }

  encrypt(task: EncryptionTask, onProgress?: OnProgress): Promise<EncryptedUpdate> {
    return this.#run('encrypt', task, { onProgress, transfer: buffersOf(task) });
  }

  checksum(task: ChecksumTask, onProgress?: OnProgress): Promise<ChecksumValues> {
    return this.#run('checksum', task, { onProgress });
  }

  decrypt(task: DecryptionTask, onProgress?: OnProgress): Promise<OpenedSum> {
    return this.#run('decrypt', task, { onProgress });
  }

  openShares(task: ShareOpeningTask): Promise<OpenedShares> {
    return this.#run('openShares', task);
  }

  sealOpening(task: OpeningTask): Promise<SealedBundle> {
    return this.#run('sealOpening', task);
  }

  reconstructKey(task: ReconstructionTask): Promise<ReconstructedKey> {
    return this.#run('reconstructKey', task);
  }

  sealCheckpoint(task: CheckpointSealingTask): Promise<SealedFile> {
    return this.#run('sealCheckpoint', task);
  }

  openCheckpoint(task: CheckpointOpeningTask): Promise<OpenedModel> {
    return this.#run('openCheckpoint', task);
  }

  checkpointRoot(path: string): Promise<SealedFile> {
    return this.#run('checkpointRoot', path);
  }

  async close(): Promise<void> {
    this.#stop(new Error('the encryptor is closed'));
    await this.#worker.terminate();
  }

  #run<K extends OperationName>(
    operation: K,
    task: Operations[K]['task'],
    { onProgress, transfer = [] }: { onProgress?: OnProgress | undefined; transfer?: ArrayBuffer[] } = {},
  ): Promise<Operations[K]['result']> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    const { promise, resolve, reject } = Promise.withResolvers<Operations[OperationName]['result']>();
    const id = ++this.#lastId;
    this.#pending.set(id, { onProgress: onProgress ?? (() => undefined), resolve, reject });
    this.#worker.ref();
    this.#worker.postMessage({ id, operation, task } satisfies ToWorker, transfer);
    return promise;
  }

  #receive(message: FromWorker): void {
    switch (message.kind) {
      case 'progress':
        return this.#pending.get(message.id)?.onProgress(message.progress);
      case 'done':
        return this.#settle(message.id)?.resolve(message.result);
      case 'failed':
        return this.#settle(message.id)?.reject(toError(message.failure));
    }
  }

  #settle(id: number): PendingTask | undefined {
    const task = this.#pending.get(id);
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#worker.unref();
    return task;
  }

  /** The first end counts: a crash is followed by an exit. */
  #stop(error: Error): void {
    this.#end ??= error;
    for (const id of this.#pending.keys()) this.#settle(id)?.reject(this.#end);
  }
}

function buffersOf({ payload }: EncryptionTask): ArrayBuffer[] {
  return payload.update === undefined ? [] : [payload.update.values.buffer as ArrayBuffer];
}
