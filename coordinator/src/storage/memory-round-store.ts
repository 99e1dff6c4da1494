// Rounds in memory, for tests and simulations. What is stored is a frozen copy, so that reading it needs none.
import { toHex } from '@blindsum/proto';
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
    return this.#rows.get(toKey(id))?.latest;
  }

  async versions(ids: readonly RoundId[]): Promise<readonly (number | undefined)[]> {
    return ids.map((id) => this.#rows.get(toKey(id))?.latest.version);
  }

  async everyVersion(): Promise<readonly Pick<StoredRound, 'id' | 'version'>[]> {
    return [...this.#rows.values()]
      .map(({ latest: { id, version } }) => ({ id, version }))
      .sort((a, b) => compareIds(a.id, b.id));
  }

  async create(
    id: RoundId,
    first: { round: Round; owed: readonly Effect[]; startedMs: number },
  ): Promise<StoredRound> {
    const row = this.#rows.get(toKey(id)) ?? {
      latest: toFrozen({ id, version: 1, ...first }),
      messages: new Map<string, StoredMessage>(),
    };
    this.#rows.set(toKey(id), row);
    return row.latest;
  }

  async replace(
    before: StoredRound,
    after: { round: Round; owed: readonly Effect[] },
    messages: readonly StoredMessage[],
  ): Promise<StoredRound | undefined> {
    const row = this.#rows.get(toKey(before.id));
    if (row?.latest.version !== before.version) return undefined;
    const { round, owed } = after;
    row.latest = toFrozen({ ...row.latest, round, owed, version: before.version + 1 });
    for (const message of messages) {
      const key = toMessageKey(message);
      if (!row.messages.has(key)) row.messages.set(key, copyMessage(message));
    }
    return row.latest;
  }

  async messages(id: RoundId): Promise<readonly StoredMessage[]> {
    return [...(this.#rows.get(toKey(id))?.messages.values() ?? [])].map(copyMessage);
  }

  async list(job: RoundId['job']): Promise<readonly StoredRound[]> {
    const rounds = [...this.#rows.values()]
      .map((row) => row.latest)
      .filter((stored) => stored.id.job === job);
    return rounds.sort((a, b) => a.id.round - b.id.round || a.id.attempt - b.id.attempt);
  }

  async owing(): Promise<readonly RoundId[]> {
    return [...this.#rows.values()]
      .filter(({ latest }) => latest.owed.length > 0)
      .map(({ latest }) => latest.id)
      .sort(compareIds);
  }
}

function toKey({ job, round, attempt }: RoundId): string {
  return `${job}/${round}/${attempt}`;
}

function compareIds(a: RoundId, b: RoundId): number {
  return compareText(a.job, b.job) || a.round - b.round || a.attempt - b.attempt;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function toMessageKey({ type, site, subject, message }: StoredMessage): string {
  return [type, site, subject, toHex(message.payload), toHex(message.signature)].join('/');
}

function copyMessage(stored: StoredMessage): StoredMessage {
  const { payload, signature } = stored.message;
  return { ...stored, message: { payload: payload.slice(), signature: signature.slice() } };
}

const held = new WeakSet<object>();

/**
 * A copy like that of a database through JSON: what JSON cannot hold is lost here too. States share most of what they hold with the
 * states before, and what is such a copy already is not copied again.
 */
function toFrozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return toJsonValue(value);
  if (held.has(value)) return value;
  const copy = Array.isArray(value) ? value.map(toFrozen) : copyOfMembers(value);
  held.add(Object.freeze(copy));
  return copy as T;
}

function copyOfMembers(value: object): object {
  const copy: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value))
    if (member !== undefined) copy[name] = toFrozen(member as unknown);
  return copy;
}

function toJsonValue<T>(value: T): T {
  const isKept = typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
  return isKept ? value : (JSON.parse(JSON.stringify([value])) as [T])[0];
}
