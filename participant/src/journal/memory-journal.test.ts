import { describeJournal } from './journal-contract.ts';
import { MemoryJournal } from './memory-journal.ts';

describeJournal('MemoryJournal', () => new MemoryJournal());
