// SEAL set up ahead of time: a context costs as much as encrypting a quarter of a million parameters, and the thread that
// encrypts has nothing to do while the site trains or waits.
import { createSealEngine, type SealEngine } from './seal-engine.ts';

/** Gives an engine for plaintext modulus 2^plainBits that nobody else has; the caller destroys it. */
export type EngineSource = (plainBits: number) => Promise<SealEngine>;

/** Keeps at most one engine ready. An engine is handed out once and never comes back: it holds no key when it is taken. */
export class EngineSupply {
  #ready: { readonly plainBits: number; readonly engine: Promise<SealEngine> } | undefined;
  #lastPlainBits: number | undefined;

  /** The engine made ahead if it has this width, otherwise a new one. */
  readonly take: EngineSource = async (plainBits) => {
    const ready = this.#ready;
    this.#ready = undefined;
    this.#lastPlainBits = plainBits;
    if (ready?.plainBits === plainBits) return ready.engine;
    (await ready?.engine)?.destroy();
    return createSealEngine(plainBits);
  };

  /** Makes an engine like the one taken last, unless one is ready; resolves when it is, and never rejects. */
  async prepare(): Promise<void> {
    const plainBits = this.#lastPlainBits;
    if (plainBits === undefined || this.#ready !== undefined) return;
    const ready = { plainBits, engine: createSealEngine(plainBits) };
    this.#ready = ready;
    // Nobody asked for it yet: whoever takes an engine next tries anew.
    await ready.engine.catch(() => {
      if (this.#ready === ready) this.#ready = undefined;
    });
  }
}
