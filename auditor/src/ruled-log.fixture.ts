// The sample log with who must have cosigned in it, and what a coordinator serves beside it.
import { createHash } from 'node:crypto';
import { utf8, type Bytes, type Digest } from '@blindsum/proto';
import { createEd25519Signer } from '@blindsum/proto/node';
import {
  createNoteKey,
  encodeNote,
  encodeTlogPolicy,
  encodeVkey,
  memberWitnessKey,
  parseNote,
  parseVkey,
  signCosignature,
  toLogPolicy,
  type CosigningRule,
  type LogRecord,
} from '@blindsum/proto/tlog';
import { charter, digestOf, ORIGIN, recordOf, sampleRecords, SITES, VKEY } from './sample-log.fixture.ts';
import { writeSteadyLog } from './steady-log.fixture.ts';

const SECONDS = 1_700_000_000n;

const witnessSigner = createEd25519Signer(
  new Uint8Array(createHash('sha256').update('stand-alone').digest()),
);
const witnessKey = createNoteKey('w1.example', witnessSigner.publicKey, 'ed25519-cosignature');
export const W1 = { name: 'w1', vkey: encodeVkey(witnessKey) };

export const BY_MEMBERS: CosigningRule = { members: 2, standAlone: [], standAloneQuorum: 0 };
export const BY_BOTH: CosigningRule = { members: 2, standAlone: [W1], standAloneQuorum: 1 };

/** The charter with a rule; without one it says nothing. */
export function ruledCharter(cosigning?: CosigningRule): LogRecord {
  const record = charter() as LogRecord & { readonly kind: 'charter' };
  return cosigning ? recordOf('charter', { ...record.predicate, cosigning }) : record;
}

/** The amendment of `previous`. */
export function amendment(number: number, previous: LogRecord, cosigning: CosigningRule): LogRecord {
  const previousRecord: Digest = digestOf(previous);
  return recordOf('charter-amendment', { federation: ORIGIN, number, previousRecord, cosigning });
}

/** 5 records: the charter with `rule`, the roster of the three sites, the manifest, and a round with its set. */
export function ruledRecords(rule?: CosigningRule): LogRecord[] {
  return [ruledCharter(rule), ...sampleRecords(1).slice(1)];
}

/** The policy that this rule makes with the sites as members, or with none. */
export function policyText(rule: CosigningRule, members = SITES.map(({ entry }) => entry)): string {
  return encodeTlogPolicy(toLogPolicy({ logKey: parseVkey(VKEY), members, rule }));
}

/** The checkpoint of a log of these records, cosigned by sites 0 to 2, and by w1. */
export function cosignedCheckpoint(
  records: readonly LogRecord[],
  cosigners: readonly (number | 'w1')[],
): Bytes {
  const { text, signatures } = parseNote(writeSteadyLog(records).get('checkpoint')!);
  const lines = cosigners.map((cosigner) => {
    const site = cosigner === 'w1' ? undefined : SITES[cosigner]!;
    const key = site ? memberWitnessKey(ORIGIN, site.entry) : witnessKey;
    return signCosignature({ text, timeSeconds: SECONDS }, key, (site?.signer ?? witnessSigner).sign);
  });
  return utf8(encodeNote({ text, signatures: [...signatures, ...lines] }));
}

/** The files of the log of these records, with others beside it. */
export function serve(
  records: readonly LogRecord[],
  beside: { readonly policy?: string; readonly cosigned?: Bytes } = {},
): Map<string, Bytes> {
  const files = writeSteadyLog(records);
  if (beside.policy !== undefined) files.set('policy', utf8(beside.policy));
  if (beside.cosigned) files.set('checkpoint.cosigned', beside.cosigned);
  return files;
}
