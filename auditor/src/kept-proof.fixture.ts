// Proofs of entries of the sample log, as somebody keeps them, with the cosignatures of witnesses.
import { createHash } from 'node:crypto';
import { parseUtf8, utf8, type Bytes } from '@blindsum/proto';
import { createEd25519Signer, type P256Signer } from '@blindsum/proto/node';
import { encodeBundle, toKeyHint, toLogId } from '@blindsum/proto/provenance';
import {
  createNoteKey,
  encodeNote,
  encodeTlogProof,
  encodeVkey,
  inclusionProof,
  hashLeaf,
  parseEntryBundle,
  parseEnvelope,
  parseLogVkey,
  parseNote,
  parseTlogPolicy,
  signCosignature,
  toBundlePath,
  type LogRecord,
} from '@blindsum/proto/tlog';
import { digestOf, RECORD_SIGNER, VKEY } from './sample-log.fixture.ts';
import { writeSteadyLog } from './steady-log.fixture.ts';

export const LOG_KEY = parseLogVkey(VKEY);
const WITNESSES = ['one', 'two', 'three'].map((name) => {
  const signer = createEd25519Signer(new Uint8Array(createHash('sha256').update(name).digest()));
  const key = createNoteKey(`witness.example/${name}`, signer.publicKey, 'ed25519-cosignature');
  return { name, key, sign: signer.sign };
});
export const POLICY_TEXT = [
  `log ${VKEY}`,
  ...WITNESSES.slice(0, 2).map(({ name, key }) => `witness ${name} ${encodeVkey(key)}`),
  'group both all one two',
  'quorum both',
  '',
].join('\n');
/** The first two of the witnesses, both of them. */
export const POLICY = parseTlogPolicy(utf8(POLICY_TEXT));
export const TIME_SECONDS = 1_700_000_000n;

/**
 * The proofs of entry `index` of a log of these records (fewer than 256), cosigned by the witnesses of these names, or as it is given. The record may
 * be signed by another key than the bundle says.
 */
export function keepProof(
  records: readonly LogRecord[],
  index: number,
  cosigners: readonly string[] | { readonly checkpoint: string } = [],
  signer?: P256Signer,
) {
  const files = writeSteadyLog(records, (entry) => (entry === index ? signer : undefined));
  const width = records.length;
  const leaves = parseEntryBundle(files.get(toBundlePath({ index: 0n, width }))!, width);
  const record = files.get(`records/${digestOf(records[index]!)}.json`)!;
  const checkpoint =
    'checkpoint' in cosigners ? cosigners.checkpoint : cosign(files.get('checkpoint')!, cosigners);
  const hashes = inclusionProof(leaves.map(hashLeaf), index);
  const entry = {
    index: BigInt(index),
    logId: toLogId(LOG_KEY),
    leaf: leaves[index]!,
    proof: hashes,
    checkpoint,
  };
  const keyHint = toKeyHint(RECORD_SIGNER.publicKeySpki);
  return {
    record,
    bundle: encodeBundle({ keyHint, envelope: parseEnvelope(record), entry }),
    tlogProof: utf8(encodeTlogProof({ index: BigInt(index), hashes, checkpoint })),
  };
}

function cosign(bytes: Bytes, names: readonly string[]): string {
  const { text, signatures } = parseNote(bytes);
  const cosigned = { text, timeSeconds: TIME_SECONDS };
  const lines = WITNESSES.filter(({ name }) => names.includes(name)).map(({ key, sign }) =>
    signCosignature(cosigned, key, sign),
  );
  return names.length === 0
    ? parseUtf8(bytes, 'checkpoint')
    : encodeNote({ text, signatures: [...signatures, ...lines] });
}
