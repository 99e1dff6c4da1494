import { describeSessionStore } from './session-store.contract.ts';
import { MemorySessionStore } from './memory-session-store.ts';

describeSessionStore('memory', async () => new MemorySessionStore());
