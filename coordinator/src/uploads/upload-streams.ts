// The streams that are being received: a bounded number, one for each blob. A second stream for a blob takes over from the first,
// because it comes from the same site, which has lost the first: a connection that broke may look alive for minutes on this side,
// and a site that had to wait for it would miss the round.
import { Refusal, refuseUnless } from '@blindsum/proto';

/** Reads `values` for as long as the stream is the blob's latest. */
export type ReadNext = <T>(values: AsyncIterator<T>) => Promise<IteratorResult<T>>;

export interface UploadStreams {
  /**
   * Runs `receive` as the only stream of the blob. Refuses BUSY when all streams are taken; `readNext` refuses BUSY once another
   * stream has taken over, and the other starts when this one has ended.
   */
  run<T>(key: string, receive: (readNext: ReadNext) => Promise<T>): Promise<T>;
  /** Ends the stream of the blob, if there is one, and waits until it has. */
  stop(key: string): Promise<void>;
}

/** Receives at most `maxStreams` at once. */
export function createUploadStreams(maxStreams: number): UploadStreams {
  const active = new Map<string, ActiveStream>();

  async function stop(key: string): Promise<void> {
    await active.get(key)?.end();
  }

  return {
    stop,
    async run(key, receive) {
      // Nothing is awaited between finding no stream and becoming it.
      while (active.has(key)) await stop(key);
      refuseUnless(active.size < maxStreams, 'BUSY', `all ${maxStreams} upload streams are taken`);
      const stream = new ActiveStream();
      active.set(key, stream);
      try {
        return await receive((values) => stream.next(values));
      } finally {
        active.delete(key);
        stream.finish();
      }
    },
  };
}

class ActiveStream {
  #ended = false;
  #interrupt: (refusal: Refusal) => void = () => {};
  readonly #finished = Promise.withResolvers<void>();

  async next<T>(values: AsyncIterator<T>): Promise<IteratorResult<T>> {
    if (this.#ended) throw takenOver();
    return new Promise((resolve, reject) => {
      this.#interrupt = reject;
      values.next().then(resolve, reject);
    });
  }

  end(): Promise<void> {
    this.#ended = true;
    this.#interrupt(takenOver());
    return this.#finished.promise;
  }

  finish(): void {
    this.#finished.resolve();
  }
}

function takenOver(): Refusal {
  return new Refusal('BUSY', 'another stream took over');
}
