// The thread that does part-work.ts: tasks come in with a ticket, results go out with the same one. An error is not caught: it
// ends the thread, and with it the sum (worker-pool.ts).
import { parentPort, workerData } from 'node:worker_threads';
import { createFileBlobStore } from '../storage/file-blob-store.ts';
import { createPartWork, type PartResults, type PartTask } from './part-work.ts';

export interface WorkerRequest {
  readonly ticket: number;
  readonly task: PartTask;
}

export interface WorkerReply {
  readonly ticket: number;
  readonly result: PartResults[PartTask['kind']];
}

/** Handed over when the thread starts. */
export interface WorkerSettings {
  /** Root of the file blob store. */
  readonly root: string;
}

const { root } = workerData as WorkerSettings;
const work = createPartWork(createFileBlobStore(root));
// One task at a time: they share the buffers.
let latest: Promise<void> = Promise.resolve();

parentPort!.on('message', ({ ticket, task }: WorkerRequest) => {
  latest = latest.then(async () => {
    const result = await work.run(task);
    const reply: WorkerReply = { ticket, result };
    parentPort!.postMessage(reply, 'part' in result ? [result.part.buffer as ArrayBuffer] : []);
  });
});
