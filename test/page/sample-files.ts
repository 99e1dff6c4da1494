// Files for the verification page: bundles, proofs and models of a small log that two of three witnesses cosigned.
import { concat, parseUtf8, utf8, type Bytes } from '@blindsum/proto';
import { createEd25519Signer } from '@blindsum/proto/node';
import { encodeBundle, encodePublicKeyPem, toKeyHint } from '@blindsum/proto/provenance';
import {
  createNoteKey,
  encodeSignatureLines,
  encodeTlogPolicy,
  parseNote,
  parseVkey,
  signCosignature,
  type LogRecord,
} from '@blindsum/proto/tlog';
import {
  modelFileAfter,
  RECORD_SIGNER,
  release,
  roster,
  sampleRecords,
  seedOf,
  VKEY,
  type SITES,
  writeLog,
} from '../../auditor/src/sample-log.fixture.ts';
import { entryFiles } from './entry-files.ts';

export { VKEY };
export const RECORD_KEY_PEM = encodePublicKeyPem(RECORD_SIGNER.publicKeySpki);
export const RECORD_KEY_HINT = toKeyHint(RECORD_SIGNER.publicKeySpki);

/** A file to be dropped. */
export interface SampleFile {
  readonly name: string;
  readonly bytes: Bytes;
}

const LAST_ROUND = 2;
const records = [...sampleRecords(LAST_ROUND + 1), release(LAST_ROUND)];

const WITNESSES = ['witness-a', 'witness-b', 'witness-c'].map((name) => {
  const { publicKey, sign } = createEd25519Signer(seedOf(name));
  return { name, sign, key: createNoteKey(`example.org/${name}`, publicKey, 'ed25519-cosignature') };
});

/** Asks for two of three witnesses. */
export const POLICY = encodeTlogPolicy({
  logs: [{ key: parseVkey(VKEY) }],
  witnesses: WITNESSES.map(({ name, key }) => ({ name, key })),
  groups: [{ name: 'two-of-three', threshold: 2, members: WITNESSES.map(({ name }) => name) }],
  quorum: 'two-of-three',
});

/** Files about a record of a log of these records, whose checkpoint is cosigned by so many witnesses. */
export function sampleEntry(wanted: LogRecord, { log = records, cosigners = 2 } = {}) {
  const files = writeLog(log);
  const read = (path: string) => files.get(path)!;
  return entryFiles({ read }, log.indexOf(wanted), cosigned(read('checkpoint'), cosigners));
}

function cosigned(checkpoint: Bytes, cosigners: number): string {
  const { text } = parseNote(checkpoint);
  const lines = WITNESSES.slice(0, cosigners).map(({ key, sign }, i) =>
    signCosignature({ text, timeSeconds: BigInt(1_795_000_000 + i) }, key, sign),
  );
  return parseUtf8(concat(checkpoint, utf8(encodeSignatureLines(lines))), 'checkpoint');
}

const ofKind = (kind: LogRecord['kind']) => records.filter((record) => record.kind === kind).at(-1)!;
export const ROUND = ofKind('round');
export const RELEASE = ofKind('release');

export const round = sampleEntry(ROUND);
export const roundBundle: SampleFile = { name: 'round-2.sigstore.json', bytes: encodeBundle(round.bundle) };
export const releaseBundle: SampleFile = {
  name: 'release.sigstore.json',
  bytes: encodeBundle(sampleEntry(RELEASE).bundle),
};
export const rosterRecord: SampleFile = { name: 'roster.json', bytes: sampleEntry(ofKind('roster')).record };
/** The record of a roster of these members, which calls them by the names of `named`. */
export function rosterFile(members: typeof SITES, named = members): Bytes {
  const { kind, predicate } = roster(members) as Extract<LogRecord, { kind: 'roster' }>;
  const labelled = predicate.members.map((one, i) => ({ ...one, member: named[i]!.member }));
  const record: LogRecord = { kind, predicate: { ...predicate, members: labelled } };
  return sampleEntry(record, { log: [record] }).record;
}
export const model: SampleFile = { name: 'model.bsm', bytes: utf8(modelFileAfter(LAST_ROUND)) };
export const otherModel: SampleFile = { name: 'model-of-round-1.bsm', bytes: utf8(modelFileAfter(1)) };
export const policyFile: SampleFile = { name: 'policy', bytes: utf8(POLICY) };
