import { describeCheckpointStore } from './checkpoint-store.contract.ts';
import { MemoryCheckpointStore } from './memory-checkpoint-store.ts';

describeCheckpointStore('memory', async () => new MemoryCheckpointStore());
