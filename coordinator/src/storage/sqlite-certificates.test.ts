import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { memberPseudonym, toHex, type SiteId } from '@blindsum/proto';
import { openSqliteDatabase } from './database.ts';
import { createSqliteCertificateRecordStore } from './sqlite-certificates.ts';
import { createSqliteMemberStore } from './sqlite-member-store.ts';
import type { Database } from './tables.ts';

const opened: Database[] = [];
after(() => Promise.all(opened.map((database) => database.destroy())));

async function open() {
  const database = await openSqliteDatabase(':memory:');
  opened.push(database);
  return {
    members: createSqliteMemberStore(database),
    records: createSqliteCertificateRecordStore(database),
  };
}

const SITE = 'site-a' as SiteId;
const fingerprintOf = (n: number) => n.toString(16).padStart(64, '0');

function admissionOf(keys: number, certificate: number) {
  return {
    site: SITE,
    signingKey: new Uint8Array(32).fill(keys),
    sharingKey: new Uint8Array(1216).fill(keys),
    certificate: { fingerprint: fingerprintOf(certificate), pem: '', notBeforeMs: 1, notAfterMs: 1000 },
    admittedMs: 1,
  };
}

const pseudonymOf = (keys: number) => memberPseudonym({ signingKey: toHex(new Uint8Array(32).fill(keys)) });

test('the log is owed a record of each certificate, in the order of what happened', async () => {
  const { members, records } = await open();
  await members.admit(admissionOf(1, 1));
  await members.admit(admissionOf(1, 1));
  await members.admit(admissionOf(1, 2));
  await members.revoke(SITE, { reason: 'affiliation-changed', atMs: 5 });
  await members.revoke(SITE, { reason: 'unspecified', atMs: 6 });
  await members.admit({ ...admissionOf(1, 3), replaces: true });
  await members.admit({ ...admissionOf(2, 4), replaces: true });
  const told = (await records.owed()).map(({ predicate: { event, member, certificate, ...rest } }) => [
    event,
    member === pseudonymOf(1) ? 1 : member === pseudonymOf(2) ? 2 : 'a stranger',
    Number(`0x${certificate}`),
    'reason' in rest ? rest.reason : '',
  ]);
  assert.deepEqual(told, [
    ['issued', 1, 1, ''],
    ['renewed', 1, 2, ''],
    ['revoked', 1, 1, 'affiliation-changed'],
    ['revoked', 1, 2, 'affiliation-changed'],
    ['issued', 1, 3, ''],
    ['revoked', 1, 3, 'superseded'],
    ['issued', 2, 4, ''],
  ]);
});

test('what the log has is owed no more, and later ones come after it', async () => {
  const { members, records } = await open();
  await members.admit(admissionOf(1, 1));
  const [first] = await records.owed();
  await records.logged(first!.sequence);
  await records.logged(first!.sequence);
  assert.deepEqual(await records.owed(), []);
  await members.admit(admissionOf(1, 2));
  const [second] = await records.owed();
  assert.equal(second!.predicate.event, 'renewed');
});
