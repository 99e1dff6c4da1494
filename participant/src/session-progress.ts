// What a session tells people and programs while it runs. No event holds a secret, a data value, or a number about this
// site's rows alone other than its training loss, which stays on this machine.
import type { Digest, JobId, RefusalCode, RoundKind, SiteId } from '@blindsum/proto';
import type { UploadKind } from './ports.ts';
import type { CommitFate } from './session/commit-receipt.ts';
import type { RoundPhase, RoundReference } from './session/round-snapshot.ts';

type InRound = Pick<RoundReference, 'job' | 'round' | 'attempt'> & { readonly kind: RoundKind };

interface Waiting {
  readonly event: 'waiting';
  readonly code: RefusalCode;
  readonly detail: string;
  readonly retryMs: number;
}

export type ProgressEvent =
  | { readonly event: 'consented'; readonly job: JobId; readonly examples: number; readonly holdout: number }
  | (InRound & { readonly event: 'phase'; readonly phase: RoundPhase })
  | (InRound & {
      readonly event: 'train';
      readonly epoch: number;
      readonly epochs: number;
      readonly loss: number;
    })
  | (InRound & {
      readonly event: 'trained';
      readonly loss: number;
      readonly backend: string;
      /** L2 norm of the update before it was clipped. */
      readonly norm: number;
      readonly ms: number;
    })
  | (InRound & { readonly event: 'encrypted'; readonly bytes: number; readonly ms: number })
  | (InRound & {
      readonly event: 'uploading';
      readonly upload: UploadKind;
      /** Bytes that the coordinator has, which are not sent again. */
      readonly offset: number;
    })
  | (InRound & {
      readonly event: 'uploaded';
      /** Ciphertext bytes that went out, and all bytes with the shares. */
      readonly ciphertextBytes: number;
      readonly bytesSent: number;
      readonly ms: number;
    })
  | (InRound & {
      readonly event: 'committed' | 'acknowledged' | 'complained' | 'opened' | 'attested';
      readonly ms: number;
    })
  /** For `subject`, which is another site when this one signs as its proxy. */
  | (InRound & { readonly event: 'checksum-signed'; readonly subject: SiteId; readonly ms: number })
  | (InRound & {
      /** Members whose opening was wrong; the sum was opened without them. */
      readonly event: 'wrong-openings';
      readonly sites: readonly SiteId[];
    })
  | (InRound & {
      readonly event: 'applied';
      readonly contributors: number;
      /** Over all contributors; shares are in millionths. */
      readonly metrics: Readonly<Record<string, number>>;
      readonly modelHash: Digest;
      readonly ms: number;
    })
  /** This site sealed the model of that round for sites that were away. */
  | (RoundReference & {
      readonly event: 'checkpoint-sealed';
      /** Bytes that went out. */
      readonly bytesSent: number;
      readonly ms: number;
    })
  /** This site had missed that round, and has its model from a member. */
  | (RoundReference & {
      readonly event: 'caught-up';
      readonly modelHash: Digest;
      readonly sealer: SiteId;
      readonly ms: number;
    })
  | (InRound & { readonly event: 'refused'; readonly code: RefusalCode; readonly detail: string })
  /** For one job, or before it is known for which. */
  | (Waiting & { readonly job: JobId })
  | Waiting
  /** Nothing is contributed for now: outside of the hours, or the policy has a mistake. */
  | { readonly event: 'held-back'; readonly job: JobId; readonly why: string }
  /** The policy forbids it, or a person is asked. */
  | {
      readonly event: 'not-permitted';
      readonly job: JobId;
      readonly code: RefusalCode;
      readonly detail: string;
    }
  | {
      readonly event: 'withdrawn';
      readonly job: JobId;
      readonly fromRound: number;
      /** What was said at this site. */
      readonly reason: string;
    }
  /** This site takes part under that version of the roster. */
  | { readonly event: 'roster-accepted'; readonly version: number; readonly sites: readonly SiteId[] }
  /** It has signed for that version. */
  | { readonly event: 'roster-approved'; readonly version: number }
  /** A person must compare it. */
  | { readonly event: 'roster-waits'; readonly version: number; readonly objection: string }
  | { readonly event: 'roster-refused'; readonly code: RefusalCode; readonly detail: string }
  /** The transparency log is not what it was; what it shows is not believed. */
  | { readonly event: 'log-refused'; readonly code: RefusalCode; readonly detail: string }
  /** What the log's record says of this site's commitment. */
  | (Pick<RoundReference, 'job' | 'round' | 'attempt'> & {
      readonly event: 'receipt';
      readonly fate: CommitFate['kind'];
      /** Why it is not in the set, or what is wrong; empty otherwise. */
      readonly why: string;
    })
  /** A model for which somebody at this site has voted is public. */
  | (RoundReference & { readonly event: 'released'; readonly modelHash: Digest })
  | { readonly event: 'finished'; readonly job: JobId; readonly modelHash: Digest | undefined }
  | { readonly event: 'stopped'; readonly job: JobId; readonly reason: string };

/** Receives events in order. Must not throw. */
export type Report = (event: ProgressEvent) => void;
