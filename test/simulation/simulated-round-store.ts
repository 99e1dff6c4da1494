// The rounds of a simulated coordinator. Nobody here writes to the bytes of a message, so all who read one share it.
import { isEqualBytes } from '@blindsum/proto';
import type { RoundId, RoundStore, StoredMessage, StoredRound } from '../../coordinator/src/ports.ts';
import { MemoryRoundStore } from '../../coordinator/src/storage/memory-round-store.ts';

export class SimulatedRoundStore implements RoundStore {
  readonly #store = new MemoryRoundStore();
  readonly #messages = new Map<string, readonly StoredMessage[]>();

  load(id: RoundId): Promise<StoredRound | undefined> {
    return this.#store.load(id);
  }

  versions(ids: readonly RoundId[]): Promise<readonly (number | undefined)[]> {
    return this.#store.versions(ids);
  }

  everyVersion(): Promise<readonly Pick<StoredRound, 'id' | 'version'>[]> {
    return this.#store.everyVersion();
  }

  create(...args: Parameters<RoundStore['create']>): Promise<StoredRound> {
    return this.#store.create(...args);
  }

  async replace(...args: Parameters<RoundStore['replace']>): Promise<StoredRound | undefined> {
    const after = await this.#store.replace(...args);
    if (after) for (const message of args[2]) this.#add(after.id, message);
    return after;
  }

  async messages(id: RoundId): Promise<readonly StoredMessage[]> {
    return this.#messages.get(keyOf(id)) ?? [];
  }

  list(job: RoundId['job']): Promise<readonly StoredRound[]> {
    return this.#store.list(job);
  }

  owing(): Promise<readonly RoundId[]> {
    return this.#store.owing();
  }

  #add(id: RoundId, added: StoredMessage): void {
    const held = this.#messages.get(keyOf(id)) ?? [];
    if (held.some((one) => isSame(one, added))) return;
    const { payload, signature } = added.message;
    const copy = { ...added, message: { payload: payload.slice(), signature: signature.slice() } };
    this.#messages.set(keyOf(id), [...held, copy]);
  }
}

function isSame(a: StoredMessage, b: StoredMessage): boolean {
  return (
    a.type === b.type &&
    a.site === b.site &&
    a.subject === b.subject &&
    isEqualBytes(a.message.payload, b.message.payload) &&
    isEqualBytes(a.message.signature, b.message.signature)
  );
}

function keyOf({ job, round, attempt }: RoundId): string {
  return `${job}/${round}/${attempt}`;
}
