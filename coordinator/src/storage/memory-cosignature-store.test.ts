import { describeCosignatureStore } from './cosignature-store.contract.ts';
import { MemoryCosignatureStore } from './memory-cosignature-store.ts';

describeCosignatureStore('memory', async () => new MemoryCosignatureStore());
