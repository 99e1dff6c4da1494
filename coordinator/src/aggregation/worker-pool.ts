// The threads of an aggregator.
import { Worker } from 'node:worker_threads';
import type { WorkerReply, WorkerRequest, WorkerSettings } from './aggregation-worker.ts';
import type { PartResults, PartTask } from './part-work.ts';

/**
 * Threads that share tasks among them. They start with the first task, and keep the process alive only while they have one. A
 * task that fails ends its thread: the tasks it had, and all that come to it later, are rejected.
 */
export interface WorkerPool {
  run<Kind extends PartTask['kind']>(task: PartTask & { readonly kind: Kind }): Promise<PartResults[Kind]>;
  close(): Promise<void>;
}

type Result = PartResults[PartTask['kind']];

export function createWorkerPool(size: number, settings: WorkerSettings): WorkerPool {
  const threads: Thread[] = [];
  let turn = 0;
  let closed = false;
  return {
    async run<Kind extends PartTask['kind']>(task: PartTask & { readonly kind: Kind }) {
      if (closed) throw new Error('the aggregation threads have ended');
      // In turn, because all parts but the last take equally long.
      const result = await (threads[turn++ % size] ??= new Thread(settings)).run(task);
      return result as PartResults[Kind];
    },
    async close() {
      closed = true;
      await Promise.all(threads.map((thread) => thread.close()));
    },
  };
}

class Thread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, PromiseWithResolvers<Result>>();
  #lastTicket = 0;
  #failure: Error | undefined;

  constructor(settings: WorkerSettings) {
    this.#worker = new Worker(new URL('./aggregation-worker.ts', import.meta.url), { workerData: settings });
    this.#worker.on('message', (reply: WorkerReply) => this.#settle(reply));
    this.#worker.on('error', (cause) => this.#fail(new Error('an aggregation thread failed', { cause })));
    this.#worker.on('exit', () => this.#fail(new Error('an aggregation thread has ended')));
  }

  async run(task: PartTask): Promise<Result> {
    if (this.#failure) throw this.#failure;
    const request: WorkerRequest = { ticket: ++this.#lastTicket, task };
    const waiting = Promise.withResolvers<Result>();
    this.#waiting.set(request.ticket, waiting);
    this.#worker.ref();
    this.#worker.postMessage(request);
    return waiting.promise;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #settle({ ticket, result }: WorkerReply): void {
    this.#waiting.get(ticket)?.resolve(result);
    this.#waiting.delete(ticket);
    if (this.#waiting.size === 0) this.#worker.unref();
  }

  #fail(failure: Error): void {
    this.#failure ??= failure;
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }
}
