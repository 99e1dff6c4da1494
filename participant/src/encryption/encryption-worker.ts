// The worker thread's program: keys, encryption and decryption, one task after another.
import { parentPort } from 'node:worker_threads';
import {
  toFailure,
  type FromWorker,
  type OperationName,
  type Operations,
  type ToWorker,
} from './encryption-messages.ts';
import { openCheckpointFile, partsRoot, sealCheckpointFile } from './checkpoint-file.ts';
import type { OnProgress } from './chunk-progress.ts';
import { EngineSupply } from './engine-supply.ts';
import { fileChecksum } from './file-checksum.ts';
import { openShares, reconstructKey, sealOpening } from './key-shares.ts';
import { decryptSum } from './sum-decryptor.ts';
import { encryptUpdate } from './update-encryptor.ts';

if (parentPort === null) throw new Error('encryption-worker.ts runs in a worker thread only');
const port = parentPort;
const engines = new EngineSupply();

type Result<K extends OperationName> = Operations[K]['result'];

const OPERATIONS: {
  readonly [K in OperationName]: (
    task: Operations[K]['task'],
    onProgress: OnProgress,
  ) => Result<K> | Promise<Result<K>>;
} = {
  encrypt: (task, onProgress) => encryptUpdate(task, onProgress, engines.take),
  checksum: fileChecksum,
  decrypt: (task, onProgress) => decryptSum(task, onProgress, engines.take),
  openShares,
  sealOpening,
  reconstructKey,
  sealCheckpoint: sealCheckpointFile,
  openCheckpoint: openCheckpointFile,
  checkpointRoot: (path) => ({ root: partsRoot(path) }),
};

function send(message: FromWorker, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

async function serve({ id, operation, task }: ToWorker): Promise<void> {
  // The message's type pairs them; TypeScript cannot follow a pair through an index.
  const run = OPERATIONS[operation] as (task: unknown, onProgress: OnProgress) => unknown;
  try {
    const result = (await run(task, (progress) =>
      send({ kind: 'progress', id, progress }),
    )) as Result<OperationName>;
    send({ kind: 'done', id, result }, buffersOf(result));
  } catch (error) {
    send({ kind: 'failed', id, failure: toFailure(error) });
  }
  void engines.prepare();
}

/** The buffer of a large result is handed over instead of copied. */
function buffersOf(result: Result<OperationName>): ArrayBuffer[] {
  return 'values' in result && !Array.isArray(result) ? [result.values.buffer as ArrayBuffer] : [];
}

let last = Promise.resolve();
port.on('message', (message: ToWorker) => {
  last = last.then(() => serve(message));
});
