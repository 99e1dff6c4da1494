// A log that lives as long as its process: for tests and simulations.
import type { Bytes } from '@blindsum/proto';
import type { LogStore } from './log-store.ts';

/** A LogStore over `files`; whoever shares the map sees the same log. */
export function createMemoryLogStore(files = new Map<string, Bytes>()): LogStore {
  return {
    read: async (path) => files.get(path)?.slice(),
    create: async (path, bytes) => {
      if (files.has(path)) return false;
      files.set(path, bytes.slice());
      return true;
    },
    replace: async (path, bytes) => void files.set(path, bytes.slice()),
    remove: async (path) => void files.delete(path),
  };
}
