// Leaf hashes of uploaded blobs, so that a root need not read the blob again. Forgetting some costs time, nothing else.
import type { Bytes } from '@blindsum/proto';

/** Leaf hashes by the key of their blob, of the blobs used last. */
export interface LeafCache {
  get(key: string): readonly Bytes[] | undefined;
  set(key: string, leaves: readonly Bytes[]): void;
  delete(key: string): void;
}

/** Holds at most `maxLeaves` hashes in all, about 200 bytes each. */
export function createLeafCache(maxLeaves: number): LeafCache {
  const entries = new Map<string, readonly Bytes[]>();
  let held = 0;

  function remove(key: string): void {
    held -= entries.get(key)?.length ?? 0;
    entries.delete(key);
  }

  function insert(key: string, leaves: readonly Bytes[]): void {
    remove(key);
    entries.set(key, leaves);
    held += leaves.length;
  }

  return {
    get(key) {
      const leaves = entries.get(key);
      if (leaves) insert(key, leaves);
      return leaves;
    },
    set(key, leaves) {
      insert(key, leaves);
      // A map lists its keys in the order of their insertion: the one used longest ago is the first.
      for (const oldest of entries.keys()) {
        if (held <= maxLeaves) break;
        remove(oldest);
      }
    },
    delete: remove,
  };
}
