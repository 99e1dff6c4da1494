import assert from 'node:assert/strict';
import { mkdtemp, rm, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Refusal, type Bytes, type JobId } from '@blindsum/proto';
import { encodeRecord, recordDigest, type LogRecord } from '@blindsum/proto/tlog';
import {
  ciphertextPath,
  CONTRIBUTORS,
  createArchivedRounds,
  ROSTER,
  writeArchive,
  type ArchivedRounds,
  type Lies,
} from './archived-rounds.fixture.ts';
import type { CheckStatus, RoundReport } from './round-report.ts';
import { toRoundText } from './round-text.ts';
import { createMapReader, hashOf, JOB, sampleRecords, VKEY, writeLog } from './sample-log.fixture.ts';
import { verifyRounds, type RoundSelection, type VerifyReport } from './verify-rounds.ts';

const root = await mkdtemp(join(tmpdir(), 'blindsum-rounds-'));
after(() => rm(root, { recursive: true }));
let folders = 0;

const TRUE = createArchivedRounds();
const [SITE_A, SITE_B, SITE_C] = CONTRIBUTORS as [Site, Site, Site];
type Site = (typeof CONTRIBUTORS)[number];
const FIRST = { job: JOB, round: 0 };

async function audit(
  { records, files }: ArchivedRounds,
  selection: RoundSelection = FIRST,
  log: Map<string, Bytes> = writeLog(records),
): Promise<VerifyReport> {
  const archive = await writeArchive(join(root, String(folders++)), files);
  return verifyRounds({ reader: createMapReader(log), archive, selection, vkey: VKEY });
}

async function auditOne(rounds: ArchivedRounds, log?: Map<string, Bytes>): Promise<RoundReport> {
  const { rounds: reports } = await audit(rounds, FIRST, log);
  assert.equal(reports.length, 1);
  return reports[0]!;
}

/** Checks that did not pass, and all that they found. */
function wrongIn({ checks }: RoundReport): { statuses: Record<string, CheckStatus>; messages: string } {
  const wrong = checks.filter(({ status }) => status !== 'ok');
  return {
    statuses: Object.fromEntries(wrong.map(({ name, status }) => [name, status])),
    messages: wrong
      .flatMap(({ findings }) => findings.map(({ code, message }) => `${message} (${code})`))
      .join('\n'),
  };
}

const told = (lies: Lies) => createArchivedRounds([lies]);

/** The true round with one bit changed in the file of a site. */
function flipped(path: string, at: number, mask = 1): ArchivedRounds {
  const bytes = Uint8Array.from(TRUE.files.get(path)!);
  bytes[at] = bytes[at]! ^ mask;
  return { records: TRUE.records, files: new Map(TRUE.files).set(path, bytes) };
}

test('a true round is verified by every check', async () => {
  const report = await audit(TRUE);
  assert.deepEqual(wrongIn(report.rounds[0]!), { statuses: {}, messages: '' });
  assert.equal(report.rounds[0]!.checks.length, 8);
  assert.deepEqual([report.ok, report.verdict, report.findings], [true, 'verified', []]);
  const { entry, contributors, rosterSize, excluded } = report.rounds[0]!;
  assert.deepEqual([entry, contributors, rosterSize], [4, 3, 4]);
  assert.deepEqual(excluded, [{ member: ROSTER[3]!.member, reason: 'late' }]);
});

test('ciphertexts of several parts, the last of them short, are verified and their parts counted', async () => {
  const { records, files } = createArchivedRounds([{}], 33);
  const archive = await writeArchive(join(root, 'long'), files);
  const shown: string[] = [];
  const onProgress = (name: string, done: number, total: number) => shown.push(`${name} ${done}/${total}`);
  const reader = createMapReader(writeLog(records));
  const report = await verifyRounds({ reader, archive, selection: FIRST, onProgress });
  assert.equal(report.ok, true, wrongIn(report.rounds[0]!).messages);
  assert.equal(report.isKeyFromLog, true);
  assert.equal(shown.length, 2 * 3 * 2);
  assert.equal(shown.at(-1), 'round 0 of job breast-cancer 12/12');
});

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

test('a file that vanishes between the passes cannot be read', async () => {
  const archive = await writeArchive(join(root, 'vanishing'), TRUE.files);
  const reader = createMapReader(writeLog(TRUE.records));
  let removed: Promise<void> | undefined;
  const onProgress = (_: string, done: number) => {
    if (done === 3) removed = unlink(join(archive, ciphertextPath(0, SITE_C)));
  };
  const report = await verifyRounds({ reader, archive, selection: FIRST, onProgress });
  await removed;
  assert.deepEqual(wrongIn(report.rounds[0]!).statuses, { checksums: 'unreadable' });
  assert.equal(report.verdict, 'unreadable');
});

const SITE_D = ROSTER[3]!;

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
    /a commitment is about another site/,
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

const logOf = (order: readonly number[]) => writeLog(order.map((entry) => TRUE.records[entry]!));
const pathOf = (record: LogRecord) => `records/${recordDigest(encodeRecord(record))}.json`;

function withFlip(path: string, at: number): Map<string, Bytes> {
  const log = writeLog(TRUE.records);
  return log.set(
    path,
    Uint8Array.from(log.get(path)!, (byte, i) => (i === at ? byte ^ 1 : byte)),
  );
}

function withoutFile(path: string): Map<string, Bytes> {
  const log = writeLog(TRUE.records);
  log.delete(path);
  return log;
}

const REST: Record<string, CheckStatus> = {
  context: 'skipped',
  commitments: 'skipped',
  ciphertexts: 'skipped',
  sum: 'skipped',
  checksums: 'skipped',
  attestations: 'skipped',
  sealed: 'skipped',
};

/** Logs that do not vouch for the round. */
const LOGS: Record<string, [Map<string, Bytes>, Record<string, CheckStatus>, RegExp]> = {
  'one bit of the checkpoint': [
    withFlip('checkpoint', 20),
    { log: 'failed', ...REST },
    /^checkpoint: note: /,
  ],
  'one bit of an entry': [
    withFlip('tile/entries/000.p/5', 60),
    { log: 'failed' },
    /^the entries are not those of the signed tree/,
  ],
  'one bit of the record': [
    withFlip(pathOf(TRUE.records[4]!), 40),
    { log: 'failed', ...REST },
    /^the log has no record that publishes round 0 of job breast-cancer; .*\n.*the record has another digest than its log entry/,
  ],
  'no seal': [logOf([0, 1, 2, 4]), { sealed: 'failed' }, /^its set was not sealed in the log before it/],
  'a seal after the result': [logOf([0, 1, 2, 4, 3]), { sealed: 'failed' }, /^its set was not sealed/],
  'no manifest': [
    logOf([0, 1, 3, 4]),
    { log: 'failed', ...REST },
    /there is no record before it that can be read: manifest of job/,
  ],
  'a charter that is withheld': [
    withoutFile(pathOf(TRUE.records[0]!)),
    { log: 'failed' },
    /there is no record before it that can be read: charter/,
  ],
};

for (const [name, [log, statuses, message]] of Object.entries(LOGS)) {
  test(`a round is judged with its log: ${name}`, async () => {
    const wrong = wrongIn(await auditOne(TRUE, log));
    assert.deepEqual(wrong.statuses, statuses, wrong.messages);
    assert.match(wrong.messages, message);
  });
}

test('all rounds are checked, and one wrong round fails them', async () => {
  const two = createArchivedRounds([{}, { attesting: 1 }]);
  const report = await audit(two, {});
  assert.deepEqual(
    report.rounds.map(({ round, verdict }) => [round, verdict]),
    [
      [0, 'verified'],
      [1, 'failed'],
    ],
  );
  assert.deepEqual([report.verdict, report.isAll], ['failed', true]);
  assert.equal((await audit(two, { job: JOB })).rounds.length, 2);
  assert.equal((await audit(two, FIRST)).ok, true);
});

test('a round that is published twice fails, whichever record is meant', async () => {
  const [again] = createArchivedRounds([{ record: () => ({ coordinatorVersion: '0.2.0' }) }]).records.slice(
    4,
  );
  const report = await audit({ ...TRUE, records: [...TRUE.records, again!] });
  assert.deepEqual([report.verdict, report.rounds.length], ['failed', 2]);
  assert.match(
    wrongIn(report.rounds[1]!).messages,
    /^a second record of round 0 of job breast-cancer: entry 4 is the first/,
  );
  assert.match(
    toRoundText(report),
    /^FAILED: 1 of 2 published rounds of the log log\.example\.org verified, 1 failed\.\n/,
  );
});

test('a record that cannot be read may be that of a round, so not all are verified', async () => {
  const { records, files } = createArchivedRounds([{}, {}]);
  const log = writeLog(records);
  log.delete(pathOf(records[6]!));
  const report = await audit({ records, files }, {}, log);
  assert.deepEqual([report.verdict, report.rounds.length, report.findings[0]?.entry], ['failed', 1, 6]);
  assert.equal((await audit({ records, files }, FIRST, log)).ok, true);
});

test('a round or job that the log does not know fails; nothing to verify is a mistake of the caller', async () => {
  const report = await audit(TRUE, { job: JOB, round: 7 });
  assert.equal(report.verdict, 'failed');
  assert.match(
    wrongIn(report.rounds[0]!).messages,
    /no record that publishes round 7 of job breast-cancer \(NOT_FOUND\)$/,
  );
  const other = await audit(TRUE, { job: 'other' as JobId, round: 0 });
  assert.match(
    wrongIn(other.rounds[0]!).messages,
    /; jobs with published rounds: breast-cancer \(NOT_FOUND\)$/,
  );
  await assert.rejects(audit({ ...TRUE, records: sampleRecords(0) }, {}), { code: 'NOT_FOUND' });
  await assert.rejects(audit(TRUE, { job: 'other' as JobId }), { code: 'NOT_FOUND' });
});

test('a log that cannot be read is not a verdict', async () => {
  const reader = {
    ...createMapReader(writeLog(TRUE.records)),
    read: () => Promise.reject(new Refusal('UNAVAILABLE', 'no answer')),
  };
  await assert.rejects(verifyRounds({ reader, archive: root, selection: FIRST }), { code: 'UNAVAILABLE' });
});
