import { describeAuditTrail } from './audit-trail.contract.ts';
import { MemoryAuditTrail } from './memory-audit-trail.ts';

describeAuditTrail('memory', async () => new MemoryAuditTrail());
