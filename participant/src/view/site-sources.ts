// What the view of a site is made from. Reading it from files is elsewhere; the view itself asks no clock and no disk.
import type { VerifySignature } from '@blindsum/proto';
import type { ContactLog, SentLedger } from '../activity/sent-ledger.ts';
import type { WorkBook } from '../activity/work-book.ts';
import type { Journal } from '../journal/journal.ts';
import type { Policy } from '../policy/policy.ts';
import type { DiskUse, GpuUse } from './site-view.ts';

export type ReadJournal = Pick<
  Journal,
  | 'jobs'
  | 'decision'
  | 'consent'
  | 'withdrawal'
  | 'contributedRounds'
  | 'model'
  | 'rosters'
  | 'openModelVotes'
> & { readonly log: Pick<Journal['log'], 'head' | 'known' | 'alarm' | 'promises'> };

export interface SiteSources {
  readonly nowMs: number;
  readonly site: string;
  readonly federation: string;
  readonly fingerprint: string;
  readonly coordinator: string | undefined;
  readonly trusted: readonly string[];
  readonly certificate:
    { readonly expiresMs: number; readonly renewsMs: number; readonly isExpiring: boolean } | undefined;
  readonly policy: ReadPolicy;
  readonly backend: string;
  readonly isRunning: boolean;
  readonly version: string;
  readonly journal: ReadJournal;
  readonly sent: Pick<SentLedger, 'totals'> & Pick<ContactLog, 'contact'>;
  readonly work: Pick<WorkBook, 'offers' | 'works' | 'start'>;
  readonly disk: DiskUse;
  readonly gpu: GpuUse;
  readonly verify: VerifySignature;
}

export interface ReadPolicy {
  /** Absolute; undefined for a site without one. */
  readonly file: string | undefined;
  /** What is allowed; nothing while there is a problem. */
  readonly rules: Policy;
  /** Empty when the file is good. */
  readonly problem: string;
}
