import { MemoryReleaseStore } from './memory-release-store.ts';
import { describeReleaseStore } from './release-store.contract.ts';

describeReleaseStore('memory', async () => new MemoryReleaseStore());
