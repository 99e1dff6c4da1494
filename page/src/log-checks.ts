// The checks of a record's signature and of its place in the log.
import { isEqualBytes, refuseUnless, utf8 } from '@blindsum/proto';
import { toKeyHint, toLogId } from '@blindsum/proto/provenance';
import {
  claimCosignedCheckpoint,
  claimRecord,
  hashLeaf,
  IN_TOTO_PAYLOAD_TYPE,
  NO_QUORUM,
  parseCheckpoint,
  parseLeaf,
  parseNote,
  toPae,
  verifyInclusion,
  type Checkpoint,
  type CheckSignatureLater,
  type Cosigning,
} from '@blindsum/proto/tlog';
import { count, passed, skipped, toTime, type Outcome } from './check.ts';
import type { Place, Statement } from './evidence.ts';
import type { Trust } from './trust.ts';

/** A record whose place in a log is known. */
export type Placed = Statement & { readonly place: Place };

/** What the checkpoint says, whoever signed it; refuses MALFORMED or BAD_CHECKPOINT. */
export function toCheckpoint({ checkpoint }: Place): Checkpoint {
  return parseCheckpoint(parseNote(utf8(checkpoint)).text);
}

/** Refuses BAD_SIGNATURE unless the key in the log's entry signed the record. */
export async function checkRecordSignature(
  { envelope, place }: Placed,
  check: CheckSignatureLater,
): Promise<Outcome> {
  const { publicKeySpki } = parseLeaf(place.leaf);
  const message = toPae(IN_TOTO_PAYLOAD_TYPE, envelope.payload);
  const about = {
    algorithm: 'ecdsa-p256',
    publicKey: publicKeySpki,
    message,
    signature: envelope.signature,
  } as const;
  const isValid = await check({ ...about, refusal: '' });
  refuseUnless(isValid, 'BAD_SIGNATURE', 'the signature does not fit the record: one of them was changed');
  return passed(`Signed by the record key ${toShort(toKeyHint(publicKeySpki))}.`);
}

/** Refuses BAD_SIGNATURE unless the key in the entry is the trusted one. */
export async function checkRecordKey({ place }: Placed, { recordKey }: Trust): Promise<Outcome> {
  const hint = toKeyHint(parseLeaf(place.leaf).publicKeySpki);
  if (!recordKey) return skipped(`Give the record key of the log to compare it with ${hint}.`);
  refuseUnless(
    hint === recordKey.hint,
    'BAD_SIGNATURE',
    `signed by the key ${toShort(hint)}, and you trust ${toShort(recordKey.hint)}`,
  );
  return passed(`It is the key that you trust, ${toShort(hint)}.`);
}

/** Refuses BAD_RECORD unless the log's entry is that of this record, BAD_SIGNATURE for a file that names another key. */
export async function checkEntry({ envelope, place }: Placed): Promise<Outcome> {
  const leaf = parseLeaf(place.leaf);
  claimRecord({ envelope, leaf });
  const isNamed = !place.named || place.named.keyHint === toKeyHint(leaf.publicKeySpki);
  refuseUnless(isNamed, 'BAD_SIGNATURE', 'the bundle names another key than its log entry');
  return passed('Digest and signature in the log entry are those of the record.');
}

/** Refuses BAD_PROOF unless the entry is in the tree of the checkpoint. */
export async function checkInclusion({ place }: Placed): Promise<Outcome> {
  const { size, root } = toCheckpoint(place);
  const { index, leaf, proof } = place;
  verifyInclusion({ index, size, root, leafHash: hashLeaf(leaf), proof });
  return passed(
    `Entry ${index}, counted from 0, of ${size}, by a proof of ${count(proof.length, 'hash', 'hashes')}.`,
  );
}

/** Refuses BAD_SIGNATURE or BAD_CHECKPOINT unless a log that is trusted signed the checkpoint. */
export async function checkCheckpoint(
  { place }: Placed,
  { policy }: Trust,
  check: CheckSignatureLater,
): Promise<Outcome> {
  const { origin, size } = toCheckpoint(place);
  if (policy.logs.length === 0)
    return skipped(`Give the verifier key of the log ${origin}, from somebody you trust.`);
  const names = policy.logs.map(({ key }) => key.name);
  refuseUnless(
    names.includes(origin),
    'BAD_CHECKPOINT',
    `the checkpoint is of the log ${origin}, and you trust ${names.join(', ')}`,
  );
  const alone = { ...policy, witnesses: [], groups: [], quorum: NO_QUORUM };
  await claimCosignedCheckpoint(utf8(place.checkpoint), alone).verifyLater(check);
  refuseUnless(
    isOfTrustedLog(place, policy),
    'BAD_CHECKPOINT',
    'the bundle names another log than its checkpoint',
  );
  return passed(`Signed by the log ${origin} at ${count(size, 'entry', 'entries')}.`);
}

function isOfTrustedLog({ named }: Place, { logs }: Trust['policy']): boolean {
  // Sigstore's names of logs are made of Ed25519 keys.
  const keys = logs.map(({ key }) => key).filter(({ type }) => type === 'ed25519');
  return !named || keys.length < logs.length || keys.some((key) => isEqualBytes(toLogId(key), named.logId));
}

/** Refuses TOO_FEW_COSIGNATURES, or BAD_SIGNATURE for one that does not verify. */
export async function checkWitnesses(
  { place }: Placed,
  { policy }: Trust,
  check: CheckSignatureLater,
): Promise<Outcome> {
  if (policy.quorum === NO_QUORUM) return skipped('Give a witness policy that asks for a quorum.');
  if (policy.logs.length === 0) return skipped('Give the verifier key of the log.');
  const { cosignings } = await claimCosignedCheckpoint(utf8(place.checkpoint), policy).verifyLater(check);
  return passed(`The quorum ${policy.quorum} is met: ${cosignings.map(toCosigned).join(', ')}.`);
}

function toCosigned({ witness, timeSeconds }: Cosigning): string {
  return `${witness} (${toTime(Number(timeSeconds) * 1000)})`;
}

/** The first digits of a digest, for people. */
export function toShort(digest: string): string {
  return `${digest.slice(0, 8)}…${digest.slice(-4)}`;
}
