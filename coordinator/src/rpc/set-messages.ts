// The messages of an attempt that are about its current set: complaints may have sealed others before.
import {
  acknowledgementCodec,
  attestationCodec,
  checksumStatementCodec,
  openingCodec,
  type Digest,
  type MessageCodec,
} from '@blindsum/proto';
import type { StoredMessage } from '../ports.ts';

type SetMessageType = 'acknowledgement' | 'checksum' | 'opening' | 'attestation';

const CODECS: Readonly<Record<SetMessageType, MessageCodec<{ setRoot: Digest }>>> = {
  acknowledgement: acknowledgementCodec,
  checksum: checksumStatementCodec,
  opening: openingCodec,
  attestation: attestationCodec,
};

/** Messages of one type about the set with this root, in the order in which they came. They were verified on arrival. */
export function messagesAbout(
  messages: readonly StoredMessage[],
  type: SetMessageType,
  setRoot: Digest,
): StoredMessage[] {
  return messages.filter(
    (stored) => stored.type === type && CODECS[type].read(stored.message.payload).setRoot === setRoot,
  );
}
