import { describeInvitationStore } from './invitation-store.contract.ts';
import { createMemoryInvitationStore } from './memory-invitation-store.ts';

describeInvitationStore('memory', async () => createMemoryInvitationStore());
