// Real messages under pretended signatures, and the shell that turns them into events as the RPC services do.
import {
  acknowledgementCodec,
  attestationCodec,
  checksumStatementCodec,
  commitmentCodec,
  complaintCodec,
  concat,
  consentCodec,
  isEqualBytes,
  messageLeaf,
  openingCodec,
  refuseUnless,
  sha256,
  signMessage,
  toHex,
  utf8,
  verifySigned,
  type Attestation,
  type Bytes,
  type Digest,
  type Members,
  type MessageCodec,
  type SignedMessage,
  type SiteId,
} from '@blindsum/proto';
import type { StoredMessage } from '../../coordinator/src/ports.ts';
import type { RoundEvent } from '../../coordinator/src/round/round.ts';
import { hashOf } from './one-hot-sums.ts';

export const CODECS = {
  commitment: commitmentCodec,
  acknowledgement: acknowledgementCodec,
  complaint: complaintCodec,
  checksum: checksumStatementCodec,
  opening: openingCodec,
  attestation: attestationCodec,
};

/** A message as `site` signs it. */
export function sign<T>(codec: MessageCodec<T>, site: SiteId, value: T): SignedMessage {
  const named = Object.values(value as object)
    .flat()
    .filter((one): one is SiteId => typeof one === 'string' && one.startsWith('site-'));
  return signMessage(codec, value, (bytes) => signatureOf(site, bytes), everyone(named));
}

/** A round message, ready to be sent. */
export function toMessage<K extends StoredMessage['type']>(
  type: K,
  value: ReturnType<(typeof CODECS)[K]['parse']>,
): StoredMessage {
  const codec: MessageCodec<ReturnType<(typeof CODECS)[K]['parse']>> = CODECS[type] as never;
  const subject = 'subject' in value ? value.subject : value.site;
  return { type, site: value.site, subject, message: sign(codec, value.site, value) };
}

/** Verifies as the shell does: signature, then context; refuses BAD_SIGNATURE, MALFORMED or WRONG_CONTEXT. */
export function verifyMessage({ type, site, message }: StoredMessage, context: Digest): void {
  const codec: MessageCodec<{ context: Digest; site: SiteId }> = CODECS[type];
  verifySigned(codec, message, keyOf(site), verifySignature);
  const value = codec.parse(message.payload, everyone());
  refuseUnless(value.site === site, 'UNAUTHENTICATED', `a message of ${value.site} from ${site}`);
  refuseUnless(value.context === context, 'WRONG_CONTEXT', 'made for another round');
}

export function verifyConsent(site: SiteId, message: SignedMessage): void {
  verifySigned(consentCodec, message, keyOf(site), verifySignature);
}

/** The event of a verified message. */
export function toEvent({ type, site, message }: StoredMessage): RoundEvent {
  const digest = messageLeaf(message);
  switch (type) {
    case 'commitment':
      return { kind: 'commit', contribution: { site, digest } };
    case 'acknowledgement':
      return {
        kind: 'acknowledge',
        from: site,
        setRoot: acknowledgementCodec.read(message.payload).setRoot,
        digest,
      };
    case 'complaint': {
      const { setRoot, dealers } = complaintCodec.parse(message.payload, everyone());
      return { kind: 'complain', from: site, setRoot, dealers, digest };
    }
    case 'checksum': {
      const { subject, setRoot, sumRoot, values } = checksumStatementCodec.parse(message.payload, everyone());
      return { kind: 'checksum', subject, setRoot, sumRoot, entry: { signer: site, digest, values } };
    }
    case 'opening': {
      const { setRoot, sumRoot } = openingCodec.read(message.payload);
      return { kind: 'open', from: site, setRoot, sumRoot, digest };
    }
    case 'attestation':
      return toAttestEvent(site, attestationCodec.read(message.payload), digest);
  }
}

function toAttestEvent(
  site: SiteId,
  { setRoot, sumRoot, modelHash, metrics }: Omit<Attestation, 'site'>,
  digest: Digest,
): RoundEvent {
  const attested = { digest, modelHash, result: hashOf([modelHash, metrics]) };
  return { kind: 'attest', from: site, setRoot, sumRoot, attested };
}

let known: Members = { members: [] };

/** All who were ever named here, and `sites`. */
export function everyone(sites: readonly SiteId[] = []): Members {
  const added = sites.filter((site) => known.members.every((member) => member.site !== site));
  const toMember = (site: SiteId) => ({ site, signingKey: toHex(sha256(utf8(site))), sharingKey: '' });
  if (added.length > 0) known = { members: [...known.members, ...added.map(toMember)] };
  return known;
}

const keys = new Map<SiteId, Bytes>();

/** The same array each time: by it, what was verified is remembered. */
function keyOf(site: SiteId): Bytes {
  const key = keys.get(site) ?? utf8(site);
  keys.set(site, key);
  return key;
}

function signatureOf(site: SiteId, bytes: Bytes): Bytes {
  const half = sha256(keyOf(site), bytes);
  return concat(half, half);
}

function verifySignature(publicKey: Bytes, bytes: Bytes, signature: Bytes): boolean {
  const half = sha256(publicKey, bytes);
  return isEqualBytes(signature, concat(half, half));
}
