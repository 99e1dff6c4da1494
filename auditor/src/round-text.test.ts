import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digest } from '@blindsum/proto';
import type { Finding } from './finding.ts';
import { createProgressLine } from './progress-line.ts';
import { toVerdict, type CheckFindings, type RoundReport } from './round-report.ts';
import { toRoundText } from './round-text.ts';
import type { VerifyReport } from './verify-rounds.ts';

const MEMBER = 'ab'.repeat(32) as Digest;
const PASSED: CheckFindings = {
  log: [],
  context: [],
  commitments: [],
  ciphertexts: [],
  sum: [],
  checksums: [],
  attestations: [],
  sealed: [],
};
const WRONG: Finding = { code: 'BAD_CHECKSUM', message: `member ${MEMBER} signed another checksum` };
const GAP: Finding = { code: 'UNAVAILABLE', message: 'cannot read /srv/a' };

function roundOf(
  changes: Partial<CheckFindings>,
  excluded: readonly string[] = ['late'],
  round = 7,
): RoundReport {
  return {
    job: 'readmission',
    round,
    entry: 17,
    record: MEMBER,
    rosterSize: 5 + excluded.length,
    contributors: 5,
    excluded: excluded.map((reason) => ({ member: MEMBER, reason })),
    ...toVerdict({ ...PASSED, ...changes }),
  };
}

function reportOf(rounds: readonly RoundReport[], changes: Partial<VerifyReport> = {}): VerifyReport {
  const verdict = rounds[0]?.verdict ?? 'failed';
  return {
    ok: verdict === 'verified',
    verdict,
    isAll: false,
    source: '/srv/log',
    archive: '/srv/blobs',
    isKeyFromLog: false,
    origin: 'log.example.org',
    vkey: 'log.example.org+00000000+AAAA',
    findings: [],
    erased: [],
    rounds,
    ...changes,
  };
}

const firstLine = (report: VerifyReport) => toRoundText(report).split('\n')[0];
const sentence = (...excluded: string[]) => firstLine(reportOf([roundOf({}, excluded)]));

test('the first line of a verified round says who took part', () => {
  assert.equal(
    sentence('late'),
    'Round 7 of job readmission: VERIFIED. 5 of 6 sites contributed; 1 was late.',
  );
  assert.equal(sentence(), 'Round 7 of job readmission: VERIFIED. 5 of 5 sites contributed.');
  assert.match(
    sentence('late', 'late', 'late-before', 'bad-share', 'no-consent', 'other') ?? '',
    / 5 of 11 sites contributed; 2 were late, 1 had been late in an earlier round, 1 sent a key share that did not open, 1 had not consented to the job, 1 was left out \(other\)\.$/,
  );
});

test('every check is printed with what it proves', () => {
  const lines = toRoundText(reportOf([roundOf({})])).split('\n');
  assert.equal(lines.length, 1 + 8 + 1);
  assert.match(lines[5] ?? '', /^ {2}ok {11}sum {11}The published sum is that of exactly these updates/);
});

test('the first line of a failed round says what failed in plain words, and each finding follows its check', () => {
  const text = toRoundText(reportOf([roundOf({ checksums: [WRONG], sum: undefined })]));
  assert.match(text, /^Round 7 of job readmission: FAILED: a signed checksum is wrong\.\n/);
  assert.match(
    text,
    /\n {2}not checked {2}sum .*\n {2}FAILED {7}checksums .*\n {15}member (ab){32} signed another checksum \(BAD_CHECKSUM\)\n/,
  );
});

test('missing files are not called a failure', () => {
  const report = reportOf([roundOf({ ciphertexts: [GAP], sum: undefined })]);
  assert.equal(report.verdict, 'unreadable');
  assert.match(firstLine(report) ?? '', /^Round 7 of job readmission: CANNOT BE CHECKED: files are missing/);
  assert.equal(roundOf({ ciphertexts: [GAP, WRONG] }).verdict, 'failed');
});

test('of many rounds the first line counts, and only those not verified are told in full', () => {
  const rounds = [roundOf({}, [], 0), roundOf({ attestations: [WRONG] }, [], 1)];
  const report = reportOf(rounds, { isAll: true, verdict: 'failed', findings: [GAP] });
  const lines = toRoundText(report).split('\n');
  assert.equal(lines[0], 'FAILED: 1 of 2 published rounds of the log log.example.org verified, 1 failed.');
  assert.equal(lines[1], '  Round 0 of job readmission: VERIFIED. 5 of 5 sites contributed.');
  assert.match(
    lines[2] ?? '',
    /^ {2}Round 1 of job readmission: FAILED: too few sites vouch for the resulting model\.$/,
  );
  assert.equal(lines.at(-2), '  the log: cannot read /srv/a (UNAVAILABLE)');
  const fine = reportOf([rounds[0]!], { isAll: true, isKeyFromLog: true });
  assert.equal(firstLine(fine), 'VERIFIED: 1 of 1 published round of the log log.example.org.');
  assert.match(toRoundText(fine), /give it with --vkey/);
});

test('progress is shown on a terminal only, when it changes, and is taken away', () => {
  const written: string[] = [];
  const write = (text: string) => written.push(text);
  const line = createProgressLine({ isTTY: true, write });
  for (const done of [1, 2, 100]) line.show('round 7', done, 200);
  line.clear();
  assert.deepEqual(
    written.map((text) => text.replace('\r\u001b[2K', '')),
    ['checking round 7: 0 %', 'checking round 7: 1 %', 'checking round 7: 50 %', ''],
  );
  const silent = createProgressLine({ write: () => assert.fail('not a terminal') });
  silent.show('round 7', 1, 2);
  silent.clear();
});
