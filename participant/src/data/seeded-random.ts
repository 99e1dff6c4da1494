// Reproducible pseudo-randomness for splits and shuffles: whoever repeats a run gets the same batches. Not for anything secret.

/** Draws integers from a seed by SplitMix32 steps (Steele, Lea and Flood 2014, in 32 bits); equal seeds give equal draws. */
export class SeededRandom {
  #state: number;

  /** `seed` counts modulo 2^32. */
  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** An integer in 0..limit-1; `limit` is in 1..2^32. The bias is below limit / 2^32. */
  below(limit: number): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let mixed = this.#state ^ (this.#state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    const word = (mixed ^ (mixed >>> 15)) >>> 0;
    return Math.floor((word / 2 ** 32) * limit);
  }

  /** Permutes `items` in place (Fisher and Yates). */
  shuffle(items: Uint32Array): void {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [items[i], items[j]] = [items[j]!, items[i]!];
    }
  }
}
