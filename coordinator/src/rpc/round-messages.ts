// From a signed message to what it says, with everything checked that can be checked without the round's phase: who signed,
// who sends, and which round it is for. What it means for the round is decided by the transition.
import {
  openSignedMessage,
  Refusal,
  refuseUnless,
  type Digest,
  type MessageCodec,
  type Roster,
  type SignedMessage,
  type SiteId,
} from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';

export interface Expected {
  readonly roster: Roster;
  readonly caller: SiteId;
  readonly context: Digest;
}

/** A message of a request, which protobuf may leave out. */
export function requireMessage(message: SignedMessage | undefined, what: string): SignedMessage {
  if (!message) throw new Refusal('MALFORMED', `${what}: missing`);
  const { payload, signature } = message;
  return { payload, signature };
}

/**
 * What `signed` says. Refuses MALFORMED, BAD_SIGNATURE, NOT_A_MEMBER, WRONG_CONTEXT, or UNAUTHENTICATED for a message that
 * another site signed.
 */
export function openRoundMessage<T extends { readonly site: SiteId; readonly context: Digest }>(
  codec: MessageCodec<T>,
  signed: SignedMessage,
  { roster, caller, context }: Expected,
): T {
  const value = openSignedMessage(codec, signed, roster, verifyEd25519);
  verifyOwn(codec.type, value.site, caller);
  refuseUnless(
    value.context === context,
    'WRONG_CONTEXT',
    `${codec.type}: made for another round or attempt`,
  );
  return value;
}

/** Sites send their own messages only. */
export function verifyOwn(type: string, site: SiteId, caller: SiteId): void {
  refuseUnless(site === caller, 'UNAUTHENTICATED', `${type}: ${caller} sends a message of ${site}`);
}
