// Whether this site contributes to a job: its owner, its policy and the hours of the day have a say.
import type { SignedMessage } from '@blindsum/proto';

export type Leave =
  | { readonly kind: 'given' }
  /** For now. */
  | { readonly kind: 'held-back'; readonly why: string }
  /** For good. */
  | {
      readonly kind: 'withdrawn';
      /** The first round that this site has signed nothing for. */
      readonly fromRound: number;
      readonly message: SignedMessage;
      /** True once the coordinator has the message. */
      readonly isTold: boolean;
    };
