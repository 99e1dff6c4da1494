import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding } from './finding.ts';
import type { FsckReport } from './fsck.ts';
import { toText } from './report.ts';

const INTACT: FsckReport = {
  ok: true,
  source: '/srv/log',
  origin: 'log.example.org',
  vkey: 'log.example.org+00000000+AAAA',
  isKeyFromLog: false,
  size: 7,
  root: 'ab'.repeat(32),
  records: { charter: 1, roster: 1, manifest: 1, 'round-sealed': 2, round: 2 },
  erased: [],
  jobs: [
    { job: 'x', rounds: 2, sets: 3, failures: 0, excluded: { late: 2, 'bad-share': 1 } },
    { job: 'y', rounds: 0, sets: 1, failures: 0, excluded: {} },
  ],
  cosigning: { asked: null, servedPolicy: 'absent', cosignedSize: null },
  findings: [],
};
const FINDING: Finding = {
  code: 'BAD_RECORD',
  entry: 4,
  message: 'round 0 of job x: its set was not sealed',
};

test('the first line of an intact log says so, and what was checked', () => {
  assert.equal(
    toText(INTACT),
    'OK: the log log.example.org is intact: 7 entries, each signed and in its place, nothing changed, removed or repeated.\n' +
      '  published rounds: 2, of 1 job; sealed sets: 2; failed attempts: 0\n' +
      '  job x: 2 rounds published, 3 sets sealed, left out: late 2, bad-share 1\n' +
      '  job y: 0 rounds published, 1 set sealed, nobody left out\n' +
      '  who must have cosigned: the log does not say it; a policy beside it is not checked\n' +
      `  root ${'ab'.repeat(32)}\n`,
  );
});

test('who must have cosigned is said as the log says it, with how far they have come', () => {
  const asked = 'the charter (entry 0) asks for 2 of the members; under roster version 1';
  const textOf = (cosigning: Partial<FsckReport['cosigning']>) =>
    toText({ ...INTACT, cosigning: { asked, servedPolicy: 'absent', cosignedSize: null, ...cosigning } });
  assert.match(
    textOf({}),
    /asks for 2 of the members; under roster version 1; no checkpoint that was so cosigned is beside the log\n/,
  );
  assert.match(
    textOf({ servedPolicy: 'same', cosignedSize: 6 }),
    /version 1, and so does the policy beside the log; so cosigned: the first 6 entries\n/,
  );
});

test('the first line of a damaged log says not to trust it, and each problem names its entry', () => {
  const text = toText({ ...INTACT, ok: false, jobs: [], findings: [FINDING] });
  assert.equal(
    text,
    'FAILED: do not trust the log log.example.org: 1 problem found.\n' +
      '  entry 4: round 0 of job x: its set was not sealed (BAD_RECORD)\n',
  );
});

test('many problems are counted, and the first are printed', () => {
  const text = toText({ ...INTACT, ok: false, jobs: [], findings: new Array<Finding>(23).fill(FINDING) });
  assert.match(text, /^FAILED: .*: 23 problems found\.\n/);
  assert.match(text, /\n {2}\.\.\. and 3 more \(--json lists all\)\n$/);
});

test('a key that only the log vouches for is pointed out', () => {
  assert.match(
    toText({ ...INTACT, isKeyFromLog: true }),
    /with the log's own key: log\.example\.org\+00000000\+AAAA\n/,
  );
});
