import { describeJobStore } from './job-store.contract.ts';
import { MemoryJobStore } from './memory-job-store.ts';

describeJobStore('memory', async () => new MemoryJobStore());
