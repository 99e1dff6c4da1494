// What is found in one round: in its archive, and in what the coordinator and the sites say about it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attestationCodec, checksumStatementCodec } from '@blindsum/proto';
import type { Predicate } from '@blindsum/proto/tlog';
import {
  ciphertextPath,
  CONTRIBUTORS,
  createArchivedRounds,
  ROSTER,
  type ArchivedRounds,
  type Lies,
} from './archived-rounds.fixture.ts';
import { auditOne, wrongIn } from './round-audit.fixture.ts';
import type { CheckStatus } from './round-report.ts';
import { hashOf, signAs, toLogged } from './sample-log.fixture.ts';

type Site = (typeof CONTRIBUTORS)[number];
const TRUE = createArchivedRounds();
const [SITE_A, SITE_B, SITE_C] = CONTRIBUTORS as [Site, Site, Site];

const told = (lies: Lies) => createArchivedRounds([lies]);

/** The true round with one bit changed in the file of a site. */
function flipped(path: string, at: number, mask = 1): ArchivedRounds {
  const bytes = Uint8Array.from(TRUE.files.get(path)!);
  bytes[at] = bytes[at]! ^ mask;
  return { records: TRUE.records, files: new Map(TRUE.files).set(path, bytes) };
}

const REST_ON_CIPHERTEXTS: Record<string, CheckStatus> = { sum: 'skipped', checksums: 'skipped' };
const B_FILE = ciphertextPath(0, SITE_B);

/** Archives that are not what was committed to. Only what they say is judged, and the member is named. */
const DAMAGED: Record<string, [ArchivedRounds, RegExp]> = {
  'one bit of a coefficient': [
    flipped(B_FILE, 4096 + 32768),
    /site-b\.ciphertext is not what the site committed to \(ROOT_MISMATCH\)$/,
  ],
  'a coefficient not below q': [
    flipped(B_FILE, 4096 + 8 * 5 + 7, 0x80),
    /part 0: coefficient 5 of chunk 0 is not below q \(PART_OUT_OF_RANGE\)$/,
  ],
  'one bit of the mark': [flipped(B_FILE, 0), /it is not a file of an archive \(MALFORMED\)$/],
  'one bit of the count': [flipped(B_FILE, 8), /it has 65537 bytes, not 65536 \(PART_BAD_LENGTH\)$/],
  'a file cut short': [
    { ...TRUE, files: new Map(TRUE.files).set(B_FILE, TRUE.files.get(B_FILE)!.slice(0, 40_000)) },
    /part 0: the file ends at byte 40000 \(PART_BAD_LENGTH\)$/,
  ],
  'the ciphertext of another site': [
    { ...TRUE, files: new Map(TRUE.files).set(B_FILE, TRUE.files.get(ciphertextPath(0, SITE_C))!) },
    /is not what the site committed to/,
  ],
};

for (const [name, [rounds, message]] of Object.entries(DAMAGED)) {
  test(`a changed archive fails: ${name}`, async () => {
    const report = await auditOne(rounds);
    const { statuses, messages } = wrongIn(report);
    assert.equal(report.verdict, 'failed');
    assert.deepEqual(statuses, { ciphertexts: 'failed', ...REST_ON_CIPHERTEXTS });
    assert.match(messages, message);
    assert.ok(messages.startsWith(`contribution of ${SITE_B.member}: `), messages);
  });
}

test('a missing file is no proof of anything, and the other checks are still made', async () => {
  const files = new Map(TRUE.files);
  files.delete(B_FILE);
  const report = await auditOne({ ...TRUE, files });
  const { statuses, messages } = wrongIn(report);
  assert.equal(report.verdict, 'unreadable');
  assert.deepEqual(statuses, { ciphertexts: 'unreadable', ...REST_ON_CIPHERTEXTS });
  assert.match(messages, /cannot read .*site-b\.ciphertext: there is no such file \(UNAVAILABLE\)$/);
});

test('an archive that is not there at all cannot be read', async () => {
  const report = await auditOne({ ...TRUE, files: new Map() });
  assert.equal(report.verdict, 'unreadable');
});

const SITE_D = ROSTER[3]!;

type About = Pick<Predicate<'round'>, 'context' | 'setRoot' | 'sumRoot' | 'modelHash' | 'metrics'>;

/** An attestation that the first contributor made in another context. */
function signedElsewhere({ setRoot, sumRoot, modelHash, metrics }: About) {
  const { site, member } = SITE_A;
  const attestation = { context: hashOf('other'), site, setRoot, sumRoot, modelHash, metrics };
  return { member, ...toLogged(signAs(attestationCodec, attestation, SITE_A)) };
}

/** A checksum of the first contribution, signed by the second contributor. */
function signedByProxy({ context, setRoot, sumRoot }: About) {
  const values: [string, string] = ['0'.repeat(16), '0'.repeat(16)];
  const statement = { context, setRoot, sumRoot, site: SITE_B.site, subject: SITE_A.site, values };
  const signed = toLogged(signAs(checksumStatementCodec, statement, { ...SITE_B, others: [SITE_A] }));
  return { member: SITE_A.member, signer: SITE_B.member, proxy: true, values, ...signed };
}

/** What a coordinator, a site, or both may lie about, well signed; with the checks that fail and what the first of them says. */
const LIES: Record<string, [Lies, Record<string, CheckStatus>, RegExp]> = {
  'a contributor left out of the sum': [
    { summed: [SITE_A, SITE_C] },
    { sum: 'failed' },
    /the ciphertexts add up to [0-9a-f]{64}, the record says [0-9a-f]{64}: one is missing, doubled or changed/,
  ],
  'a contributor twice in the sum': [
    { summed: [SITE_A, SITE_B, SITE_B, SITE_C] },
    { sum: 'failed' },
    /the ciphertexts add up to/,
  ],
  'a contributor twice in the set': [
    { set: [SITE_A, SITE_B, SITE_B, SITE_C], summed: [SITE_A, SITE_B, SITE_B, SITE_C] },
    { commitments: 'failed', ciphertexts: 'skipped', ...REST_ON_CIPHERTEXTS, sealed: 'failed' },
    /one member is twice among the commitments[^]*one member is in the set twice/,
  ],
  'one ciphertext under two names': [
    {
      set: [SITE_A, SITE_B, SITE_C, SITE_D],
      nameOf: (site) => (site === SITE_D ? SITE_A : site),
      summed: [SITE_A, SITE_B, SITE_C, SITE_A],
    },
    { commitments: 'failed', ciphertexts: 'skipped', ...REST_ON_CIPHERTEXTS },
    /a commitment names another member as its sender/,
  ],
  'a contributor left out of the record': [
    { record: ({ commitments }) => ({ commitments: commitments.slice(1) }) },
    { commitments: 'failed', ciphertexts: 'skipped', ...REST_ON_CIPHERTEXTS },
    /the commitments are not those of the sealed set/,
  ],
  'a wrong checksum signed by its site': [
    { firstChecksum: ([one, two]) => [one, two === '0'.repeat(16) ? '1'.padStart(16, '0') : '0'.repeat(16)] },
    { checksums: 'failed' },
    new RegExp(
      `^member ${SITE_A.member} signed the checksum [0-9a-f]{16} 0{16} of its own contribution, which has [^\\n]*\\n` +
        'the signed checksums do not add up to that of the sum in repetition 2 \\(BAD_CHECKSUM\\)$',
    ),
  ],
  'a checksum that is no residue': [
    { firstChecksum: ([one]) => [one, 'f'.repeat(16)] },
    { checksums: 'failed' },
    /not below q \(MALFORMED\)$/,
  ],
  'a record with another sum': [
    { record: () => ({ sumRoot: hashOf('other') }) },
    { sum: 'failed', checksums: 'failed', attestations: 'failed' },
    /the ciphertexts add up to/,
  ],
  'a record with another model': [
    { record: () => ({ modelHash: hashOf('other') }) },
    { attestations: 'failed' },
    /an attestation is about another modelHash/,
  ],
  'too few attestations': [
    { attesting: 2 },
    { attestations: 'failed' },
    /^2 sites attest the result, 3 are needed/,
  ],
  'a forged commitment': [
    {
      record: ({ commitments: [first, ...rest] }) => ({
        commitments: [{ ...first!, signature: '0'.repeat(128) }, ...rest],
      }),
    },
    { commitments: 'failed', ciphertexts: 'skipped', ...REST_ON_CIPHERTEXTS },
    new RegExp(`^member ${SITE_A.member}: commitment: the signature does not verify`),
  ],
  'a forged checksum': [
    {
      record: ({ checksums: [first, ...rest] }) => ({
        checksums: [{ ...first!, signature: '0'.repeat(128) }, ...rest],
      }),
    },
    { checksums: 'failed' },
    new RegExp(`^member ${SITE_A.member}: checksum: the signature does not verify`),
  ],
  'a wrong checksum signed by a proxy': [
    { record: ({ checksums: [, ...rest], ...round }) => ({ checksums: [signedByProxy(round), ...rest] }) },
    { checksums: 'failed' },
    new RegExp(
      `^member ${SITE_B.member} signed the checksum 0{16} 0{16} of the contribution of ${SITE_A.member}, which has`,
    ),
  ],
  'an attestation of another round': [
    {
      record: ({ attestations: [, ...rest], ...round }) => ({
        attestations: [signedElsewhere(round), ...rest],
      }),
    },
    { context: 'failed', attestations: 'failed' },
    new RegExp(`^member ${SITE_A.member}: an attestation is about another context`),
  ],
  'a context of other terms': [
    { record: () => ({ baseModelHash: hashOf('other') }) },
    { context: 'failed' },
    /^its context is not that of its terms/,
  ],
  'another attempt than was signed for': [
    { record: () => ({ attempt: 2 }) },
    { context: 'failed', ciphertexts: 'unreadable', ...REST_ON_CIPHERTEXTS, sealed: 'failed' },
    /^its context is not that of its terms/,
  ],
  'a late site that is not named': [
    { record: () => ({ excluded: [] }) },
    { sealed: 'failed' },
    /it names others as left out/,
  ],
  'a round after nothing': [
    { record: () => ({ previousRecord: hashOf('other') }) },
    { log: 'failed' },
    /^it names another record as the round before/,
  ],
  'a round of nobody': [
    { set: [], record: () => ({ sumBytes: 0 }) },
    { commitments: 'failed', ciphertexts: 'skipped', ...REST_ON_CIPHERTEXTS, sealed: 'failed' },
    /^nobody contributed/,
  ],
};

for (const [name, [lies, statuses, message]] of Object.entries(LIES)) {
  test(`a well-logged lie fails: ${name}`, async () => {
    const report = await auditOne(told(lies));
    const wrong = wrongIn(report);
    assert.equal(report.verdict, 'failed');
    assert.deepEqual(wrong.statuses, statuses, wrong.messages);
    assert.match(wrong.messages, message);
  });
}
