// The trail of administrative actions in memory, for tests.
import {
  encodeTrailEntry,
  parseTrailEntry,
  trailEntryHash,
  type Bytes,
  type TrailEntry,
} from '@blindsum/proto';
import type { AuditTrail, TrailDraft } from '../audit-trail.ts';

/** AuditTrail without durability. */
export class MemoryAuditTrail implements AuditTrail {
  readonly #entries: Bytes[] = [];

  async append(draft: TrailDraft, least = 0): Promise<TrailEntry> {
    const last = this.#entries.at(-1);
    const sequence = Math.max(least, (last ? parseTrailEntry(last).sequence : 0) + 1);
    const entry = { ...draft, sequence, previous: last ? trailEntryHash(last) : ('' as const) };
    this.#entries.push(encodeTrailEntry(entry));
    return entry;
  }

  async read(after: number, limit: number): Promise<readonly Bytes[]> {
    return this.#entries.filter((bytes) => parseTrailEntry(bytes).sequence > after).slice(0, limit);
  }

  async last(): Promise<number> {
    return this.#all().at(-1)?.sequence ?? 0;
  }

  async unfinished(): Promise<readonly TrailEntry[]> {
    const all = this.#all();
    const completed = new Set(all.map(({ completes }) => completes));
    return all.filter(({ outcome, sequence }) => outcome === 'begun' && !completed.has(sequence));
  }

  #all(): TrailEntry[] {
    return this.#entries.map(parseTrailEntry);
  }
}
