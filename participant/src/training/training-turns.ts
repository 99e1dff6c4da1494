// A machine trains for one job at a time: two trainings at once would each take twice as long, and need twice the memory.
import type { Trainer } from './trainer.ts';

/** Lets trainings run one after another, in the order in which they were asked for. */
export class TrainingTurns {
  #last: Promise<void> = Promise.resolve();
  #open = 0;

  /** Trainings that wait or are under way. */
  get open(): number {
    return this.#open;
  }

  /** The same trainer, whose trainings wait for their turn. One that is aborted while it waits rejects at once. */
  wrap(trainer: Trainer): Trainer {
    return {
      info: () => trainer.info(),
      train: (request) => this.#run(() => trainer.train(request), request.signal),
      evaluate: (weights, bins) => trainer.evaluate(weights, bins),
      predict: (weights) => trainer.predict(weights),
      close: () => trainer.close(),
    };
  }

  async #run<T>(train: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const turn = this.#last;
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    this.#last = turn.then(() => over);
    this.#open++;
    try {
      await unlessAborted(turn, signal);
      return await train();
    } finally {
      this.#open--;
      end();
    }
  }
}

/** Resolves with `turn`, or rejects with the signal's reason if that comes first. */
async function unlessAborted(turn: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return turn;
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  try {
    await Promise.race([turn, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
