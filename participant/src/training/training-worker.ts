// The worker thread's program: opens one trainer on the data it was started with, and answers calls in order.
import { parentPort, workerData } from 'node:worker_threads';
import { TfjsTrainer } from './tfjs-trainer.ts';
import type { TrainerSetup } from './trainer.ts';
import {
  toFailure,
  type FromWorker,
  type ToWorker,
  type TrainingCall,
  type TrainingReply,
} from './training-messages.ts';

if (parentPort === null) throw new Error('training-worker.ts runs in a worker thread only');
const port = parentPort;

function send(message: FromWorker, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

function answer(trainer: TfjsTrainer, id: number, call: TrainingCall): TrainingReply {
  switch (call.kind) {
    case 'evaluate':
      return trainer.evaluate(call.weights, call.bins);
    case 'predict':
      return trainer.predict(call.weights);
    case 'train':
      return trainer.train(call.request, {
        onProgress: (progress) => send({ kind: 'progress', id, progress }),
        isCancelled: () => Atomics.load(call.cancelled, 0) !== 0,
      });
  }
}

/** The buffer of a large reply is handed over instead of copied. */
function buffersOf(reply: TrainingReply): ArrayBuffer[] {
  if (reply instanceof Float32Array) return [reply.buffer as ArrayBuffer];
  return 'local' in reply ? [reply.local.buffer as ArrayBuffer] : [];
}

function serve(trainer: TfjsTrainer): void {
  port.on('message', ({ id, call }: ToWorker) => {
    try {
      const reply = answer(trainer, id, call);
      send({ kind: 'done', id, reply }, buffersOf(reply));
    } catch (error) {
      send({ kind: 'failed', id, failure: toFailure(error) });
    }
  });
  send({ kind: 'opened', info: trainer.info });
}

try {
  serve(await TfjsTrainer.open(workerData as TrainerSetup));
} catch (error) {
  send({ kind: 'not-opened', failure: toFailure(error) });
}
