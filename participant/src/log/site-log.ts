// What a site's jobs need of the transparency log.
import type { SignedMessage } from '@blindsum/proto';
import type { SetToOpen } from '../session/logged-record.ts';
import type { PromisedCommit } from '../session/commit-receipt.ts';
import type { SiteTerms } from '../session/site-terms.ts';

export interface SiteLog {
  /**
   * Returns once the log has shown that the set was sealed in public. Refuses NOT_LOGGED, BAD_PROOF, BAD_SIGNATURE or BAD_CHECKPOINT
   * for what does not show it; LOG_SHRANK or LOG_FORKED for a log that contradicts what this site has seen, also while nobody has
   * looked at that; and as the port does.
   */
  verifySealed(set: SetToOpen, terms: Pick<SiteTerms, 'roster' | 'rosterHash'>): Promise<void>;
  /** Verifies the log's promise for a commitment and keeps it. Refuses as verifyPromise does, and as the port does. */
  keepPromise(promise: SignedMessage, about: PromisedCommit): Promise<void>;
}
