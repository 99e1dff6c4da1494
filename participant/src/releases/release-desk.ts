// The port through which a site speaks about making models public.
import type { Digest, SignedMessage, SiteId } from '@blindsum/proto';
import type { RoundReference } from '../session/round-snapshot.ts';

/** How things stand with the model of a published round, as the coordinator says; well-formed, and not believed. */
export interface ReleaseView {
  readonly state: 'voting' | 'logged' | 'available';
  readonly modelHash: Digest;
  readonly rosterHash: Digest;
  /** Votes that are needed. */
  readonly threshold: number;
  readonly voters: readonly SiteId[];
  readonly refusers: readonly SiteId[];
  /** Whether this site is to upload the file. */
  readonly isWanted: boolean;
}

/** Rejects as Coordinator does. Every call may be repeated. */
export interface ReleaseDesk {
  view(ref: RoundReference): Promise<ReleaseView>;
  vote(ref: RoundReference, message: SignedMessage): Promise<void>;
  /** Takes the vote back, for a reason in one line of 1 to 200 characters. */
  refuse(ref: RoundReference, reason: string): Promise<void>;
  /** The file is uploaded. */
  deliver(ref: RoundReference): Promise<void>;
}
