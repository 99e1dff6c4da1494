import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeDiagnosis, passes, toDiagnosis, type Finding } from './finding.ts';
import {
  judgeCertificate,
  judgeClock,
  judgeNode,
  judgeOwnership,
  judgePort,
  judgeRoom,
  judgeVersions,
} from './judgements.ts';

const DAY_MS = 86_400_000;
const states = (findings: readonly Finding[]) => findings.map(({ state }) => state);

/** Whatever is not right says what to do. */
function advised(finding: Finding): Finding {
  assert.equal(finding.advice === null, finding.state === 'ok', finding.found);
  return finding;
}

test('a clock is wrong by what is certain, not by what the way there and back may have taken', () => {
  const at = (offsetMs: number, uncertaintyMs = 500) =>
    advised(judgeClock({ offsetMs, uncertaintyMs, against: 'x' }));
  assert.deepEqual(states([at(0), at(-5400), at(5501), at(-60_400), at(60_501)]), [
    'ok',
    'ok',
    'warn',
    'warn',
    'fail',
  ]);
  assert.equal(at(70_000, 66_000).state, 'ok');
  assert.match(at(-90_000).found, /^90\.0 s behind x \(give or take 0\.5 s\)$/);
  assert.match(at(90_000).found, /^90\.0 s ahead of x/);
});

test('a disk fails below what stops uploads, and warns below what a round may take', () => {
  const at = (freeBytes: number) =>
    advised(
      judgeRoom({
        check: 'disk',
        freeBytes,
        least: { bytes: 100, why: 'the reserve' },
        enough: { bytes: 200, why: 'a round' },
        advice: 'make room',
      }),
    );
  assert.deepEqual(states([at(99), at(100), at(199), at(200)]), ['fail', 'warn', 'warn', 'ok']);
  assert.match(at(99).found, /less than the reserve$/);
});

test('a certificate has ended, is late, is not valid yet, or is right', () => {
  const at = (nowMs: number) =>
    advised(
      judgeCertificate({
        check: 'c',
        notBeforeMs: 10 * DAY_MS,
        notAfterMs: 110 * DAY_MS,
        nowMs,
        advice: 'renew it',
      }),
    );
  assert.deepEqual(
    states([
      at(10 * DAY_MS),
      at(90 * DAY_MS - 1),
      at(90 * DAY_MS),
      at(110 * DAY_MS - 1),
      at(110 * DAY_MS),
      at(9 * DAY_MS),
    ]),
    ['ok', 'ok', 'warn', 'warn', 'fail', 'fail'],
  );
  assert.match(at(9 * DAY_MS).advice!, /clock/);
});

test('keys and folders are for their owner alone; root may look at everything', () => {
  const file = { path: '/k', kind: 'key', mode: 0o100600, uid: 7, ownUid: 7 } as const;
  const judge = (changes: object) => advised(judgeOwnership('key', { ...file, ...changes }));
  assert.deepEqual(
    states([
      judge({}),
      judge({ mode: 0o100640 }),
      judge({ mode: 0o100604 }),
      judge({ ownUid: 8 }),
      judge({ ownUid: 0 }),
    ]),
    ['ok', 'fail', 'fail', 'fail', 'ok'],
  );
  assert.equal(judge({ mode: 0o100644 }).advice, 'chmod 600 /k');
  assert.equal(judge({ mode: 0o040755, kind: 'folder' }).advice, 'chmod 700 /k');
});

test('versions of Node and of the other side', () => {
  const node = (version: string) => advised(judgeNode(version, [24, 15]));
  assert.deepEqual(states([node('24.15.0'), node('24.14.9'), node('25.0.0'), node('9.99.0')]), [
    'ok',
    'fail',
    'ok',
    'fail',
  ]);
  const versions = (other: string) => advised(judgeVersions('1.2.0', other, 'x'));
  assert.deepEqual(states([versions('1.2.0'), versions('1.3.0'), versions('')]), ['ok', 'warn', 'ok']);
});

test('a port that cannot be had says how to get one', () => {
  const outcomes = ['free', 'EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL', 'EINVAL'];
  const findings = outcomes.map((outcome) => advised(judgePort('listen.grpc', '0.0.0.0:443', outcome)));
  assert.deepEqual(states(findings), ['ok', 'fail', 'fail', 'fail', 'fail']);
  assert.match(findings[1]!.advice!, /sport = :443/);
});

test('warnings alone do not make a diagnosis a bad one', () => {
  const warning = judgeVersions('1', '2', 'x');
  const failure = judgePort('listen.http', '[::1]:80', 'EACCES');
  assert.deepEqual(
    [
      [passes('a', 'b'), warning],
      [warning, failure],
    ].map((findings) => toDiagnosis(findings).ok),
    [true, false],
  );
  assert.deepEqual(describeDiagnosis(toDiagnosis([passes('a', 'b'), failure])), [
    'ok    a            b',
    'FAIL  listen.http  this user may not listen on [::1]:80',
    '                   -> set listen.http to a port above 1023, or give the service CAP_NET_BIND_SERVICE',
    '2 checks: 1 failed, 0 warnings, 0 not known',
  ]);
  assert.equal(
    describeDiagnosis(toDiagnosis([failure])).at(-1),
    '1 check: 1 failed, 0 warnings, 0 not known',
  );
});
