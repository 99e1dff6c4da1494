import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsOf, toJson, toText, type ChaosOutcome } from './chaos-outcome.ts';

const GOOD: ChaosOutcome = {
  ...{ seed: 7, sites: 3, seconds: 61.4 },
  kills: ['coordinator', 'hospital-a', 'coordinator'],
  places: new Map([['site: no update yet', 1]]),
  ...{ cuts: 4, bytesUp: 3 << 20, quotaRefusals: 2 },
  recoveries: { count: 3, longest: { name: 'hospital-a', ms: 1234.4 } },
  rounds: { training: 2, published: 2, failed: [], repeated: [], unsettled: [] },
  ...{ lost: [], doubled: [], resentBytes: 0, trainingsRepeated: 0, disagreements: [] },
  modelHashes: ['ab', 'ab', 'ab'],
  ownEnds: [],
  audit: [{ command: 'blindsum-audit fsck log', ok: true, text: 'OK: intact' }],
};

test('a good run has no problems, and its JSON begins with what was asked for', () => {
  assert.deepEqual(problemsOf(GOOD), []);
  assert.deepEqual(Object.entries(toJson(GOOD)).slice(0, 9), [
    ['kills', 3],
    ['cuts', 4],
    ['roundsPublished', 2],
    ['roundsFailed', 0],
    ['lost', 0],
    ['doubleCounted', 0],
    ['modelHashesEqual', true],
    ['auditOk', true],
    ['longestRecoveryMs', 1234],
  ]);
  assert.match(
    toText(GOOD),
    /^3 kills: coordinator 2, hospital-a 1; 3 recoveries, the longest 1\.2 s \(hospital-a\)$/m,
  );
  assert.match(toText(GOOD), /\nOK: nothing lost.*\(61 seconds\)\n$/);
});

test('whatever went wrong is a problem, and said', () => {
  const wrongs: [Partial<ChaosOutcome>, RegExp][] = [
    [{ lost: ['1-1: commitment of a'] }, /lost: 1-1: commitment of a/],
    [{ doubled: ['round 1'] }, /counted twice: round 1/],
    [{ resentBytes: 5 }, /5 acknowledged bytes/],
    [{ trainingsRepeated: 1 }, /1 trainings were repeated/],
    [
      { rounds: { ...GOOD.rounds, unsettled: ['round 2 is sealed'] } },
      /neither published nor failed: round 2/,
    ],
    [{ modelHashes: ['ab', 'ab', 'cd'] }, /different models/],
    [{ modelHashes: ['', '', ''] }, /different models/],
    [{ disagreements: [1] }, /different models/],
    [{ audit: [] }, /the audit failed/],
    [{ audit: [{ ...GOOD.audit[0]!, ok: false }] }, /the audit failed/],
  ];
  for (const [wrong, sentence] of wrongs) {
    const outcome = { ...GOOD, ...wrong };
    assert.match(problemsOf(outcome).join(), sentence);
    assert.match(toText(outcome), sentence);
  }
});

test('a round that failed with a reason is none', () => {
  const rounds = {
    ...GOOD.rounds,
    published: 1,
    failed: ['round 2, attempt 3: TOO_FEW_CONTRIBUTORS: 2 of 3'],
  };
  assert.deepEqual(problemsOf({ ...GOOD, rounds }), []);
  assert.match(toText({ ...GOOD, rounds }), /TOO_FEW_CONTRIBUTORS/);
});
