// Vectors of who must have cosigned: charters with the rule and without, amendments, and the policies that follow from them.
import { encodeBase64, toHex, type Digest } from '@blindsum/proto';
import { createEd25519Signer } from '@blindsum/proto/node';
import {
  createNoteKey,
  encodeRecord,
  encodeTlogPolicy,
  encodeVkey,
  recordDigest,
  recordName,
  toLogPolicy,
  type CosigningRule,
  type LogRecord,
} from '@blindsum/proto/tlog';

const ORIGIN = 'log.example.org';
const keyOf = (seed: number) => createEd25519Signer(new Uint8Array(32).fill(seed)).publicKey;
const witness = (name: string, seed: number) => ({
  name,
  vkey: encodeVkey(createNoteKey(`${name}.example`, keyOf(seed), 'ed25519-cosignature')),
});
const w1 = witness('w1', 21);
const w2 = witness('w2', 22);
const QUORUM: CosigningRule = { members: 'roster-quorum', standAlone: [], standAloneQuorum: 0 };
const BOTH: CosigningRule = { members: 2, standAlone: [w1, w2], standAloneQuorum: 1 };

/** Of the length of a P-256 key; nobody verifies with it. */
const recordKey = encodeBase64(new Uint8Array(91).fill(7));
const named = { federation: ORIGIN, origin: ORIGIN, recordKey } as const;
const charter = { ...named, protocol: 'blindsum/v1', parameterSet: 'bs1' } as const;
const payloadOf = (record: LogRecord) => Buffer.from(encodeRecord(record)).toString('utf8');
const digestOf = (record: LogRecord) => recordDigest(encodeRecord(record));

function amendmentOf(number: number, before: LogRecord, cosigning: CosigningRule): LogRecord {
  const previousRecord: Digest = digestOf(before);
  return { kind: 'charter-amendment', predicate: { federation: ORIGIN, number, previousRecord, cosigning } };
}

function goodRecords() {
  const silent: LogRecord = { kind: 'charter', predicate: charter };
  const stated: LogRecord = { kind: 'charter', predicate: { ...charter, cosigning: QUORUM } };
  const first = amendmentOf(1, stated, BOTH);
  const records = {
    'a charter without the rule': silent,
    'a charter with the rule': stated,
    'the first amendment': first,
    'the second amendment': amendmentOf(2, first, { ...BOTH, members: 0 }),
  };
  return Object.entries(records).map(([name, record]) => ({
    name,
    recordName: recordName(record),
    digest: digestOf(record),
    payload: payloadOf(record),
  }));
}

function badRecords() {
  const amendment = amendmentOf(1, { kind: 'charter', predicate: charter }, BOTH);
  const changed = (from: string, to: string) => payloadOf(amendment).replaceAll(from, to);
  const list = (...witnesses: (typeof w1)[]) => JSON.stringify(witnesses);
  const witnesses = list(w1, w2);
  return [
    { defect: 'number 0', payload: changed('"number":1', '"number":0') },
    { defect: 'a number that is text', payload: changed('"number":1', '"number":"1"') },
    { defect: 'more stand-alone witnesses than there are', payload: changed('Quorum":1', 'Quorum":3') },
    { defect: 'more members than a note has room for', payload: changed('"members":2', '"members":84') },
    { defect: 'another word for members', payload: changed('"members":2', '"members":"majority"') },
    { defect: 'witnesses that are not sorted', payload: changed(witnesses, list(w2, w1)) },
    { defect: 'a witness twice', payload: changed(witnesses, list(w1, w1)) },
    { defect: 'a name that the policy uses', payload: changed('"name":"w1"', '"name":"both"') },
    { defect: 'a key whose ID is of another key', payload: changed(w1.vkey, w1.vkey.replace('A', 'B')) },
    {
      defect: 'a key that signs checkpoints and does not cosign',
      payload: changed(w1.vkey, encodeVkey(createNoteKey('w1.example', keyOf(21)))),
    },
    { defect: 'an address', payload: changed('"name":"w1"', '"name":"w1","url":"http://w1/"') },
    { defect: 'another subject', payload: changed('"name":"record"', '"name":"charter"') },
  ];
}

function policies() {
  const logKey = createNoteKey(ORIGIN, keyOf(20));
  const members = [11, 12, 13, 14].map((seed) => ({ signingKey: toHex(keyOf(seed)) }));
  const rules = { 'a quorum of members': QUORUM, 'both kinds': BOTH, nobody: { ...QUORUM, members: 0 } };
  return Object.entries(rules).map(([name, cosigning]) => ({
    name,
    log: encodeVkey(logKey),
    members: members.map(({ signingKey }) => signingKey),
    cosigning,
    policy: encodeTlogPolicy(toLogPolicy({ logKey, members, rule: cosigning })),
  }));
}

/** What test/vectors/charter.json holds. */
export function charterVectors() {
  return { good: goodRecords(), bad: badRecords(), policies: policies() };
}
