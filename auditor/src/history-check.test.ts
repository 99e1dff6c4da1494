// Logs whose tree and signatures are all valid, but whose records contradict each other or what sites signed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeBase64, outlineHash, parseBase64, type Digest } from '@blindsum/proto';
import type { LogRecord, Predicate } from '@blindsum/proto/tlog';
import { changed, messagesOf, RECORDS } from './changed-log.fixture.ts';
import {
  approvalOf,
  createRecordSigner,
  hashOf,
  incidents,
  lateConsent,
  manifest,
  MEMBERS,
  ORIGIN,
  RECORD_SIGNER,
  ROSTER_HASH,
  SITES,
  writeLog,
  type Site,
} from './sample-log.fixture.ts';

const without = (entry: number) => RECORDS.filter((_, i) => i !== entry);
const forgedPayload = (payload: string) =>
  encodeBase64(Uint8Array.from(parseBase64(payload, 'payload'), (byte, i) => (i === 14 ? byte ^ 1 : byte)));

/** The sample with one member that consents after the job has started. */
const withLateConsent: LogRecord[] = [
  ...RECORDS.slice(0, 2),
  manifest(SITES.slice(0, 2), SITES),
  lateConsent(SITES[2]!),
  ...RECORDS.slice(3),
];

test('a member may consent after the manifest, and take part in what is sealed after that', async () => {
  assert.deepEqual(await messagesOf(writeLog(withLateConsent)), []);
});

/** Logs whose tree and signatures are all valid, but that say what no honest coordinator says. */
const rosterMembers = () => (RECORDS[1]!.predicate as Predicate<'roster'>).members;

/** The same members again, as version 2, with the approvals of `signers`. */
function secondRoster(signers: readonly Site[], changes: Partial<Predicate<'roster'>> = {}): LogRecord {
  const named = { federation: ORIGIN, version: 2 };
  const outline = { ...named, previous: ROSTER_HASH as Digest | '', members: rosterMembers(), ...changes };
  const terms = { ...named, rosterHash: outlineHash(outline) };
  const approvals = signers.map((signer) => approvalOf(signer, terms));
  return { kind: 'roster', predicate: { ...outline, ...terms, approvals } };
}

/** The second roster with approvals that name another hash. */
function withApprovalsOf(rosterHash: Digest): LogRecord {
  const record = secondRoster([]) as LogRecord & { readonly kind: 'roster' };
  const terms = { federation: ORIGIN, version: 2, rosterHash };
  const approvals = SITES.map((site) => approvalOf(site, terms));
  return { ...record, predicate: { ...record.predicate, approvals } };
}

const LIES: Record<string, [records: LogRecord[], finding: RegExp]> = {
  'no charter': [without(0), /entry 0: the charter must be the first entry/],
  'charter of another log': [
    changed(0, 'charter', () => ({ origin: 'other.example.org' })),
    /entry 0: charter: it is the charter of other\.example\.org/,
  ],
  'a round published twice': [
    [...RECORDS, ...changed(6, 'round', () => ({ coordinatorVersion: '0.2.0' })).slice(6)],
    /entry 7: a second record of round 1 of job breast-cancer: entry 6 is the first/,
  ],
  'a round that was not sealed': [
    without(5),
    /entry 5: round 1 of job .*: its set was not sealed in the log before it/,
  ],
  'a set sealed after its result': [
    [...RECORDS.slice(0, 5), RECORDS[6]!, RECORDS[5]!],
    /entry 5: .*its set was not sealed in the log before it/,
  ],
  'a round left out': [
    [...RECORDS.slice(0, 3), ...RECORDS.slice(5)],
    /entry 4: round 1 of job .*: round 1 is published where round 0 is due/,
  ],
  'another record before': [
    changed(6, 'round', () => ({ previousRecord: hashOf('other') })),
    /entry 6: .*it names another record as the round before/,
  ],
  'another base model': [
    changed(6, 'round', () => ({ baseModelHash: hashOf('other') })),
    /entry 6: .*it does not start from the last model/,
  ],
  'a context of other terms': [
    changed(4, 'round', () => ({ baseModelHash: hashOf('other') })),
    /entry 4: .*its context is not that of its terms/,
  ],
  'no manifest': [without(2), /entry 2: .*the manifest of job breast-cancer is not in the log before it/],
  'no roster': [without(1), /entry 1: manifest of job .*: its roster is not in the log before it/],
  'a set with a stranger': [
    changed(3, 'round-sealed', () => ({ members: [...MEMBERS, hashOf('stranger')] })),
    /entry 3: .* is not in the roster \(NOT_A_MEMBER\)/,
  ],
  'a member in the set and out': [
    changed(3, 'round-sealed', () => ({ excluded: [{ member: MEMBERS[0]!, reason: 'late' }] })),
    /entry 3: .*one member is in the set twice, or in and out/,
  ],
  'a commitment left out': [
    changed(4, 'round', ({ commitments }) => ({ commitments: commitments.slice(1) })),
    /entry 4: .*the commitments are not those of the sealed set/,
  ],
  'a forged commitment': [
    changed(4, 'round', ({ commitments: [first, ...rest] }) => ({
      commitments: [{ ...first!, signature: '0'.repeat(128) }, ...rest],
    })),
    /entry 4: .*commitment: the signature does not verify/,
  ],
  'a checksum that was not signed': [
    changed(4, 'round', ({ checksums: [first, ...rest] }) => ({
      checksums: [{ ...first!, values: ['0'.repeat(16), '0'.repeat(16)] as [string, string] }, ...rest],
    })),
    /entry 4: .*a checksum is not the one that was signed \(BAD_CHECKSUM\)/,
  ],
  'a proxy that is not named': [
    changed(4, 'round', ({ checksums: [first, ...rest] }) => ({
      checksums: [{ ...first!, proxy: true }, ...rest],
    })),
    /entry 4: .*a checksum names another signer/,
  ],
  'too few attestations': [
    changed(4, 'round', ({ attestations }) => ({ attestations: attestations.slice(2) })),
    /entry 4: .*1 sites attest the result, 2 are needed/,
  ],
  'one attestation three times': [
    changed(4, 'round', ({ attestations: [first] }) => ({ attestations: [first!, first!, first!] })),
    /entry 4: .*one member is twice among the attestations/,
  ],
  'a model that was not attested': [
    changed(6, 'round', () => ({ modelHash: hashOf('other') })),
    /entry 6: .*an attestation is about another modelHash/,
  ],
  'metrics that were not attested': [
    changed(6, 'round', () => ({ metrics: { examples: 569, loss: 1 } })),
    /entry 6: .*the metrics of an attestation is about another loss|entry 6: .*attested other metrics/,
  ],
  'a threshold that opens two sets': [
    changed(6, 'round', () => ({ threshold: 1 })),
    /entry 6: .*a threshold of 1 lets two sets be opened/,
  ],
  'a contributor too many': [
    changed(6, 'round', () => ({ setSize: 4 })),
    /entry 6: .*it counts 4 contributors, 3 were sealed/,
  ],
  'a consent to another manifest': [
    changed(2, 'manifest', () => ({ manifestHash: hashOf('other') })),
    /entry 2: .*a consent is about another manifestHash/,
  ],
  'a forged consent': [
    changed(2, 'manifest', ({ consents: [first, ...rest] }) => ({
      consents: [{ ...first!, payload: forgedPayload(first!.payload) }, ...rest],
    })),
    /entry 2: .*consent/,
  ],
  'a pseudonym of nobody': [
    changed(1, 'roster', ({ members: [first, ...rest] }) => ({
      members: [{ ...first!, member: hashOf('x') }, ...rest],
    })),
    /entry 1: .*member 1 has another pseudonym/,
  ],
  'a roster of another federation': [
    changed(1, 'roster', () => ({ federation: 'other.example.org' })),
    /entry 1: .*it is a roster of other\.example\.org/,
  ],
  'a roster out of order': [
    changed(1, 'roster', ({ members }) => ({ members: [...members].reverse() })),
    /entry 1: .*member 1 has index 3/,
  ],
  'a roster that lost a member': [
    changed(4, 'round', ({ counts }) => ({ counts: { ...counts, roster: 2 } })),
    /entry 4: .*it counts 2 members of 3/,
  ],
  'a member that a set says nothing about': [
    changed(3, 'round-sealed', ({ members }) => ({ members: members.slice(1) })),
    /entry 3: .*it accounts for 2 of 3 members of the roster/,
  ],
  'another member left out than was sealed': [
    changed(4, 'round', () => ({ excluded: [{ member: MEMBERS[0]!, reason: 'late' }] })),
    /entry 4: .*it names others as left out than its sealed set/,
  ],
  'a contributor that did not consent': [
    changed(2, 'manifest', ({ consents }) => ({ consents: consents.slice(1) })),
    /entry 4: .*a contributor has not consented to the job/,
  ],
  'a roster that one of its first members has not approved': [
    changed(1, 'roster', ({ approvals }) => ({ approvals: approvals.slice(1) })),
    /entry 1: roster version 1: .* is new or has other keys, and has not approved \(TOO_FEW_APPROVALS\)/,
  ],
  'a roster with an approval of another one': [
    changed(1, 'roster', () => ({ rosterHash: hashOf('other') })),
    /entry 1: roster version 1: its hash is that of another roster/,
  ],
  'a roster whose hash binds another name': [
    changed(1, 'roster', ({ members: [first, ...rest] }) => ({
      members: [{ ...first!, memberDigest: hashOf('other') }, ...rest],
    })),
    /entry 1: roster version 1: its hash is that of another roster/,
  ],
  'a chain of rosters that begins with its second version': [
    changed(1, 'roster', () => ({ version: 2 })),
    /entry 1: roster version 2: version 2 where version 1 is due \(BAD_ROSTER\)/,
  ],
  'a second roster that nobody has approved': [
    [...RECORDS, secondRoster([])],
    /roster version 2: 0 members of the version before have approved, 2 are needed \(TOO_FEW_APPROVALS\)/,
  ],
  'a second roster that does not follow the first': [
    [...RECORDS, secondRoster(SITES, { previous: hashOf('other') })],
    /roster version 2: it does not follow the version before it \(BAD_ROSTER\)/,
  ],
  'a second roster with approvals of another one': [
    [...RECORDS, withApprovalsOf(hashOf('other'))],
    /roster version 2: the approval of .* is of another roster \(BAD_RECORD\)/,
  ],
  'a swapped sharing key that its owner has not approved': [
    [
      ...RECORDS,
      secondRoster(SITES.slice(1), {
        members: rosterMembers().map((member) =>
          member.index === 1 ? { ...member, sharingKeyHash: hashOf('swapped') } : member,
        ),
      }),
    ],
    /roster version 2: .* is new or has other keys, and has not approved/,
  ],
  'a round under a roster that was not adopted': [
    changed(3, 'round-sealed', () => ({ rosterHash: hashOf('nobody’s') })),
    /entry 3: .*its roster is not in the log before it/,
  ],
  'a set with a member that had not consented': [
    changed(2, 'manifest', ({ consents }) => ({ consents: consents.slice(1) })),
    /entry 3: .*is in the set, and no consent of it is in the log before/,
  ],
  'a consent after the set that counts it in': [
    [...withLateConsent.slice(0, 3), withLateConsent[4]!, withLateConsent[3]!, ...withLateConsent.slice(5)],
    /entry 3: .*is in the set, and no consent of it is in the log before/,
  ],
  'a second consent of one member': [
    [...RECORDS.slice(0, 3), lateConsent(SITES[0]!), ...RECORDS.slice(3)],
    /entry 3: consent of member .* to job .*: .* has consented before/,
  ],
  'a late consent to other terms': [
    withLateConsent.map((record) =>
      record.kind === 'consent'
        ? { kind: 'consent', predicate: { ...record.predicate, manifestHash: hashOf('other') } }
        : record,
    ),
    /entry 3: .*it is a consent to another manifest/,
  ],
  'a late consent that its member did not sign': [
    withLateConsent.map((record) =>
      record.kind === 'consent'
        ? {
            kind: 'consent',
            predicate: {
              ...record.predicate,
              consent: {
                ...record.predicate.consent,
                payload: forgedPayload(record.predicate.consent.payload),
              },
            },
          }
        : record,
    ),
    /entry 3: .*consent/,
  ],
  'a sum of another size': [
    changed(4, 'round', () => ({ sumBytes: 65536 })),
    /entry 4: .*a commitment is to 3 chunks, the sum has 65536 bytes/,
  ],
  'a set of another context': [
    changed(3, 'round-sealed', () => ({ context: hashOf('other') })),
    /entry 4: .*its set was sealed in another context/,
  ],
  'a failure of a round that was published': [
    [...RECORDS, ...incidents(1, 1)],
    /entry 7: .*round 1 fails where round 2 is due/,
  ],
};

for (const [name, [records, expected]] of Object.entries(LIES)) {
  test(`a well-signed lie is found: ${name}`, async () => {
    const found = await messagesOf(writeLog(records));
    assert.ok(
      found.some((message) => expected.test(message)),
      `${expected}\n${found.join('\n')}`,
    );
  });
}

test('a record signed by a key that the charter does not name is found', async () => {
  const stranger = createRecordSigner();
  const files = writeLog(RECORDS, (entry) => (entry === 5 ? stranger : RECORD_SIGNER));
  const found = await messagesOf(files);
  assert.equal(found.length, 1);
  assert.match(
    found[0] ?? '',
    /^entry 5: .*signed by a key that the charter does not name \(BAD_SIGNATURE\)$/,
  );
});

test('a record with an unknown key is found', async () => {
  const records = changed(3, 'round-sealed', () => ({ site: 'hospital-a' }) as object);
  assert.match(
    (await messagesOf(writeLog(records)))[0] ?? '',
    /^entry 3: .*round-sealed record: document: unknown key/,
  );
});
