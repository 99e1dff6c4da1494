import { MemoryRosterStore } from './memory-roster-store.ts';
import { describeRosterStore } from './roster-store.contract.ts';

describeRosterStore('memory', async () => new MemoryRosterStore());
