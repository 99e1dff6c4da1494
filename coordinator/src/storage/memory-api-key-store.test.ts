import { describeApiKeyStore } from './api-key-store.contract.ts';
import { MemoryApiKeyStore } from './memory-api-key-store.ts';

describeApiKeyStore('memory', async () => new MemoryApiKeyStore());
