// Rounds in memory, for tests and simulations. Values are copied on the way in and out, as a database would.
import type { Effect, Round } from '../round/round.ts';
import type { RoundId, RoundStore, StoredMessage, StoredRound } from '../ports.ts';

interface Row {
  latest: StoredRound;
  readonly messages: Map<string, StoredMessage>;
}

/** RoundStore without durability. */
export class MemoryRoundStore implements RoundStore {
  readonly #rows = new Map<string, Row>();

  async load(id: RoundId): Promise<StoredRound | undefined> {
    return structuredClone(this.#rows.get(toKey(id))?.latest);
  }

  async create(
    id: RoundId,
    first: { round: Round; owed: readonly Effect[]; startedMs: number },
  ): Promise<StoredRound> {
    const row = this.#rows.get(toKey(id)) ?? {
      latest: structuredClone({ id, version: 1, ...first }),
      messages: new Map<string, StoredMessage>(),
    };
    this.#rows.set(toKey(id), row);
    return structuredClone(row.latest);
  }

  async replace(
    before: StoredRound,
    after: { round: Round; owed: readonly Effect[] },
    messages: readonly StoredMessage[],
  ): Promise<StoredRound | undefined> {
    const row = this.#rows.get(toKey(before.id));
    if (row?.latest.version !== before.version) return undefined;
    row.latest = structuredClone({ ...row.latest, ...after, version: before.version + 1 });
    for (const message of messages) {
      const key = toMessageKey(message);
      if (!row.messages.has(key)) row.messages.set(key, structuredClone(message));
    }
    return structuredClone(row.latest);
  }

  async messages(id: RoundId): Promise<readonly StoredMessage[]> {
    return structuredClone([...(this.#rows.get(toKey(id))?.messages.values() ?? [])]);
  }

  async list(job: RoundId['job']): Promise<readonly StoredRound[]> {
    const rounds = [...this.#rows.values()]
      .map((row) => row.latest)
      .filter((stored) => stored.id.job === job);
    rounds.sort((a, b) => a.id.round - b.id.round || a.id.attempt - b.id.attempt);
    return structuredClone(rounds);
  }
}

function toKey({ job, round, attempt }: RoundId): string {
  return `${job}/${round}/${attempt}`;
}

function toMessageKey({ type, site, subject, message }: StoredMessage): string {
  return [type, site, subject, message.payload.join(), message.signature.join()].join('/');
}
