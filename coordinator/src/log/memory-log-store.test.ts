import type { Bytes } from '@blindsum/proto';
import { describeLogStore } from './log-store.contract.ts';
import { createMemoryLogStore } from './memory-log-store.ts';

describeLogStore('MemoryLogStore', async () => {
  const files = new Map<string, Bytes>();
  return async () => createMemoryLogStore(files);
});
