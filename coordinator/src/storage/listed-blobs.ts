// A blob store that knows by heart what is in it: quotas, retention and the status ask for sizes often. What it knows is read
// from the store, round by round, when it is first asked for, so that it is exact after a crash too.
import type { Bytes, JobId } from '@blindsum/proto';
import type { BlobKind, BlobName, BlobStore, StoredBlob } from '../ports.ts';

/**
 * `blobs`, with its listings kept in memory. All writes must go through the store that this returns. A blob whose append
 * failed is listed with the bytes that the store then has.
 */
export function createListedBlobs(blobs: BlobStore): ListedBlobStore {
  return new ListedBlobs(blobs);
}

export interface ListedBlobStore extends BlobStore {
  /** Bytes of a blob as it is listed; 0 for an unknown name. */
  listedBytes(name: BlobName): Promise<number>;
  /** Bytes of the blobs of a job, by their kind, without looking at each of them; nothing of a kind that the job has none of. */
  totals(job: JobId): Promise<KindTotals>;
}

export type KindTotals = Readonly<Partial<Record<BlobKind, number>>>;

class ListedBlobs implements ListedBlobStore {
  readonly #blobs: BlobStore;
  readonly #rounds = new Map<JobId, Map<number, Promise<Listing>>>();
  /** Jobs of which every round was looked for. */
  readonly #whole = new Map<JobId, Promise<void>>();

  constructor(blobs: BlobStore) {
    this.#blobs = blobs;
  }

  size(name: BlobName): Promise<number> {
    return this.#blobs.size(name);
  }

  read(name: BlobName, offset: number, length: number): Promise<Bytes> {
    return this.#blobs.read(name, offset, length);
  }

  async append(name: BlobName, offset: number, bytes: Bytes): Promise<void> {
    // Before the write, lest a listing under way misses it.
    const listing = await this.#listing(name.id.job, name.id.round);
    try {
      await this.#blobs.append(name, offset, bytes);
      listing.set({ name: bare(name), bytes: offset + bytes.length });
    } catch (error) {
      listing.set({ name: bare(name), bytes: await this.#blobs.size(name) });
      throw error;
    }
  }

  async remove(name: BlobName): Promise<void> {
    const listing = await this.#listing(name.id.job, name.id.round);
    await this.#blobs.remove(name);
    listing.delete(name);
  }

  async list(job: JobId, round?: number): Promise<readonly StoredBlob[]> {
    if (round !== undefined) return (await this.#listing(job, round)).blobs();
    return (await this.#listings(job)).flatMap((listing) => listing.blobs());
  }

  async listedBytes(name: BlobName): Promise<number> {
    return (await this.#listing(name.id.job, name.id.round)).bytesOf(name);
  }

  async totals(job: JobId): Promise<KindTotals> {
    const all: Partial<Record<BlobKind, number>> = {};
    for (const listing of await this.#listings(job)) addTo(all, listing.totals());
    return all;
  }

  /** Of every round of a job. */
  async #listings(job: JobId): Promise<readonly Listing[]> {
    await remembered(this.#whole, job, () => this.#findRounds(job));
    return Promise.all([...(this.#rounds.get(job)?.values() ?? [])]);
  }

  async #findRounds(job: JobId): Promise<void> {
    const rounds = new Set((await this.#blobs.list(job)).map(({ name }) => name.id.round));
    await Promise.all([...rounds].map((round) => this.#listing(job, round)));
  }

  #listing(job: JobId, round: number): Promise<Listing> {
    const rounds = this.#rounds.get(job) ?? new Map<number, Promise<Listing>>();
    this.#rounds.set(job, rounds);
    return remembered(rounds, round, async () => {
      const stored = await this.#blobs.list(job, round);
      return new Listing(stored);
    });
  }
}

/** The blobs of one round of a job. */
class Listing {
  readonly #blobs: Map<string, StoredBlob>;
  /** Undefined after a change. */
  #totals: KindTotals | undefined;

  constructor(stored: readonly StoredBlob[]) {
    this.#blobs = new Map(stored.map((blob) => [keyOf(blob.name), blob]));
  }

  set(blob: StoredBlob): void {
    this.#totals = undefined;
    this.#blobs.set(keyOf(blob.name), blob);
  }

  delete(name: BlobName): void {
    this.#totals = undefined;
    this.#blobs.delete(keyOf(name));
  }

  bytesOf(name: BlobName): number {
    return this.#blobs.get(keyOf(name))?.bytes ?? 0;
  }

  blobs(): readonly StoredBlob[] {
    return [...this.#blobs.values()];
  }

  totals(): KindTotals {
    if (this.#totals) return this.#totals;
    const totals: Partial<Record<BlobKind, number>> = {};
    for (const { name, bytes } of this.#blobs.values()) addTo(totals, { [name.kind]: bytes });
    this.#totals = totals;
    return totals;
  }
}

function addTo(totals: Partial<Record<BlobKind, number>>, more: KindTotals): void {
  for (const [kind, bytes] of Object.entries(more))
    totals[kind as BlobKind] = (totals[kind as BlobKind] ?? 0) + bytes;
}

/** What `load` gave the first time; a failure is forgotten, so that the next call tries again. */
function remembered<K, V>(known: Map<K, Promise<V>>, key: K, load: () => Promise<V>): Promise<V> {
  const there = known.get(key);
  if (there) return there;
  const loading = load();
  known.set(key, loading);
  loading.catch(() => known.delete(key));
  return loading;
}

function keyOf({ id: { attempt }, kind, owner }: BlobName): string {
  return `${attempt}/${owner}.${kind}`;
}

/** Callers may pass names that carry more. */
function bare({ id: { job, round, attempt }, kind, owner }: BlobName): BlobName {
  return { id: { job, round, attempt }, kind, owner };
}

export function totalBytes(blobs: readonly Pick<StoredBlob, 'bytes'>[]): number {
  return blobs.reduce((total, { bytes }) => total + bytes, 0);
}

/** Bytes of all kinds. */
export function sumOfKinds(totals: KindTotals): number {
  return Object.values(totals).reduce((total, bytes) => total + bytes, 0);
}
