// A blob store that knows by heart what is in it: quotas, retention and the status ask for sizes often. What it knows is read
// from the store, round by round, when it is first asked for, so that it is exact after a crash too.
import type { Bytes, JobId } from '@blindsum/proto';
import type { BlobName, BlobStore, StoredBlob } from '../ports.ts';

/**
 * `blobs`, with its listings kept in memory. All writes must go through the store that this returns. A blob whose append
 * failed is listed with the bytes that the store then has.
 */
export function createListedBlobs(blobs: BlobStore): BlobStore {
  return new ListedBlobs(blobs);
}

type Listing = Map<string, StoredBlob>;

class ListedBlobs implements BlobStore {
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
      listing.set(keyOf(name), { name: bare(name), bytes: offset + bytes.length });
    } catch (error) {
      listing.set(keyOf(name), { name: bare(name), bytes: await this.#blobs.size(name) });
      throw error;
    }
  }

  async remove(name: BlobName): Promise<void> {
    const listing = await this.#listing(name.id.job, name.id.round);
    await this.#blobs.remove(name);
    listing.delete(keyOf(name));
  }

  async list(job: JobId, round?: number): Promise<readonly StoredBlob[]> {
    if (round !== undefined) return [...(await this.#listing(job, round)).values()];
    await remembered(this.#whole, job, () => this.#findRounds(job));
    const listings = await Promise.all([...(this.#rounds.get(job)?.values() ?? [])]);
    return listings.flatMap((listing) => [...listing.values()]);
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
      return new Map(stored.map((blob) => [keyOf(blob.name), blob]));
    });
  }
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
