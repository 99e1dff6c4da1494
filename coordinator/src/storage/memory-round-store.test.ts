import { describeRoundStore } from './round-store.contract.ts';
import { MemoryRoundStore } from './memory-round-store.ts';

describeRoundStore('memory', async () => new MemoryRoundStore());
