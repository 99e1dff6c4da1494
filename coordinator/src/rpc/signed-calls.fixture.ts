// Of each method that takes a signed message: where in its request that is, and how somebody else signs the same.
import {
  acknowledgementCodec,
  attestationCodec,
  checkpointComplaintCodec,
  checksumStatementCodec,
  commitmentCodec,
  complaintCodec,
  consentCodec,
  modelReleaseCodec,
  openingCodec,
  rosterApprovalCodec,
  sealedCheckpointCodec,
  withdrawalCodec,
  type Bytes,
  type MessageCodec,
  type SignedMessage,
} from '@blindsum/proto';
import type { TestSite } from '../federation.fixture.ts';

export type SignAgain = (payload: Bytes, by: TestSite) => SignedMessage;
const again =
  (codec: Pick<MessageCodec<unknown>, 'type'>): SignAgain =>
  (payload, by) =>
    by.signAgain(codec, payload);

/** The field, and how somebody else signs the same. */
export const SIGNED: Readonly<Record<string, readonly [string, SignAgain]>> = {
  consent: ['consent', again(consentCodec)],
  commit: ['commitment', again(commitmentCodec)],
  acknowledge: ['acknowledgement', again(acknowledgementCodec)],
  complain: ['complaint', again(complaintCodec)],
  submitChecksum: ['checksum', again(checksumStatementCodec)],
  open: ['opening', again(openingCodec)],
  attest: ['attestation', again(attestationCodec)],
  offerCheckpoint: ['checkpoint', again(sealedCheckpointCodec)],
  complainAboutCheckpoint: ['complaint', again(checkpointComplaintCodec)],
  withdraw: ['withdrawal', again(withdrawalCodec)],
  approveRoster: ['approval', again(rosterApprovalCodec)],
  voteForRelease: ['vote', again(modelReleaseCodec)],
};
