// Members that a set leaves out because they withdrew or were revoked, and what the log says of their certificates.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogRecord } from '@blindsum/proto/tlog';
import { changed, messagesOf, RECORDS } from './changed-log.fixture.ts';
import { hashOf, MEMBERS, SITES, withdrawal, writeLog } from './sample-log.fixture.ts';

test('a member may withdraw from the rounds to come', async () => {
  assert.deepEqual(await messagesOf(writeLog([...RECORDS, withdrawal(SITES[0]!, 2)])), []);
});

const certificate = (
  event: 'issued' | 'renewed' | 'revoked',
  name: string,
  { member = MEMBERS[0]!, notAfter = 1_800_000_000_000 } = {},
): LogRecord => {
  const about = { member, certificate: hashOf(name), notAfter };
  return {
    kind: 'certificate',
    predicate: event === 'revoked' ? { event, ...about, reason: 'key-compromise' } : { event, ...about },
  };
};
const withCertificates = (...records: LogRecord[]) => [RECORDS[0]!, ...records, ...RECORDS.slice(1)];

test('certificates are issued, renewed, revoked, and issued anew after that', async () => {
  const records = withCertificates(
    certificate('issued', 'first'),
    certificate('issued', 'of another', { member: MEMBERS[1]! }),
    certificate('renewed', 'second'),
    certificate('revoked', 'first'),
    certificate('renewed', 'third'),
    certificate('revoked', 'second'),
    certificate('revoked', 'third'),
    certificate('issued', 'fourth'),
  );
  assert.deepEqual(await messagesOf(writeLog(records)), []);
});

const CERTIFICATE_LIES: Record<string, [records: LogRecord[], finding: RegExp]> = {
  'one that renews nothing': [[certificate('renewed', 'a')], /none that it could renew/],
  'a second first one': [
    [certificate('issued', 'a'), certificate('issued', 'b')],
    /has one already, which it renews/,
  ],
  'one that renews what was revoked': [
    [certificate('issued', 'a'), certificate('revoked', 'a'), certificate('renewed', 'b')],
    /none that it could renew/,
  ],
  'one revoked that was never issued': [[certificate('revoked', 'a')], /not issued before/],
  'one revoked for another member': [
    [certificate('issued', 'a'), certificate('revoked', 'a', { member: MEMBERS[1]! })],
    /another member/,
  ],
  'one revoked with another end': [
    [certificate('issued', 'a'), certificate('revoked', 'a', { notAfter: 1 })],
    /another time/,
  ],
  'one issued twice': [
    [certificate('issued', 'a'), certificate('renewed', 'a', { notAfter: 1 })],
    /a second record of certificate/,
  ],
};
for (const [lie, [records, finding]] of Object.entries(CERTIFICATE_LIES))
  test(`certificates: ${lie} is found`, async () => {
    const [first, ...more] = await messagesOf(writeLog(withCertificates(...records)));
    assert.deepEqual(more, []);
    assert.match(first!, finding);
  });

/** The sample in which one member is left out of the first set, for `reason`, after `before` was logged. */
const withoutFirst = (reason: string, ...before: LogRecord[]): LogRecord[] => {
  const records = changed(3, 'round-sealed', ({ members: [first, ...rest] }) => ({
    members: rest,
    excluded: [{ member: first!, reason }],
  }));
  return [...records.slice(0, 3), ...before, ...records.slice(3)];
};
const sealedOf = async (records: LogRecord[]) =>
  (await messagesOf(writeLog(records))).filter((message) => message.includes('the set of round 0'));

test('a member is left out as revoked when a revocation of it is in the log, also once it was admitted again', async () => {
  const [issued, revoked] = [certificate('issued', 'a'), certificate('revoked', 'a')];
  assert.deepEqual(await sealedOf(withoutFirst('revoked', issued, revoked)), []);
  const again = certificate('issued', 'b');
  assert.deepEqual(await sealedOf(withoutFirst('revoked', issued, revoked, again)), []);
});

/** The record of a withdrawal that says it is from another manifest than the site signed. */
function otherManifest(record: LogRecord): LogRecord {
  assert(record.kind === 'withdrawal');
  return { ...record, predicate: { ...record.predicate, manifestHash: hashOf('other') } };
}

const LIES: Record<string, [records: LogRecord[], finding: RegExp]> = {
  'a withdrawal from another manifest': [
    [...RECORDS, otherManifest(withdrawal(SITES[0]!, 2))],
    /entry 7: .*it is a withdrawal from another manifest/,
  ],
  'a member named withdrawn that has not withdrawn': [
    withoutFirst('withdrawn'),
    /entry 3: .*is named withdrawn, and no withdrawal of it is in the log before/,
  ],
  'a member that withdrew after the set that names it withdrawn': [
    [...withoutFirst('withdrawn'), withdrawal(SITES[0]!, 0)],
    /entry 3: .*is named withdrawn, and no withdrawal of it is in the log before/,
  ],
  'a member that had withdrawn and is left out for another reason': [
    withoutFirst('late', withdrawal(SITES[0]!, 0)),
    /entry 4: .*had withdrawn, and is left out for another reason/,
  ],
  'a member named revoked whose certificates were not revoked': [
    withoutFirst('revoked', certificate('issued', 'a')),
    /entry 4: .*is named revoked, and no revocation of it is in the log before/,
  ],
  'a member named revoked where another one was': [
    withoutFirst(
      'revoked',
      certificate('issued', 'a', { member: MEMBERS[1]! }),
      certificate('revoked', 'a', { member: MEMBERS[1]! }),
    ),
    /entry 5: .*is named revoked, and no revocation of it is in the log before/,
  ],
  'a set with a member that had withdrawn before': [
    [...RECORDS.slice(0, 3), withdrawal(SITES[0]!, 0), ...RECORDS.slice(3)],
    /entry 4: .*is in the set, and had withdrawn before/,
  ],
  'a withdrawal from a round whose set holds the member': [
    [...RECORDS, withdrawal(SITES[0]!, 1)],
    /entry 7: .*withdrew from round 1 on, and is in the set of round 1/,
  ],
  'a withdrawal that its member did not sign': [
    [...RECORDS, withdrawal(SITES[0]!, 2, SITES[1]!.signer)],
    /entry 7: .*signature/,
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
