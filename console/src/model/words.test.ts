import assert from 'node:assert/strict';
import { test } from 'node:test';
import { activityWord, failureWord, leftOutWord } from './words.ts';

test('why a job or a round failed is said in words, wherever the code stands, and what is unknown as it is', () => {
  const words = 'Too few updates came in.';
  assert.equal(failureWord('TOO_FEW_CONTRIBUTORS'), words);
  assert.equal(
    failureWord('round 0: TOO_FEW_CONTRIBUTORS: 0 of at least 3 contributors; attempt 2 of 2'),
    words,
  );
  assert.equal(failureWord('the operator said so'), 'the operator said so');
});

test('why a site is not in is said in words, also where its round failed', () => {
  assert.equal(leftOutWord('late'), 'update too late');
  assert.equal(
    leftOutWord('TOO_FEW_CONTRIBUTORS: no commitment'),
    'no update in time: too few updates came in.',
  );
  assert.equal(
    leftOutWord('MODEL_DISAGREEMENT: the round failed'),
    'the round failed: sites computed different models.',
  );
  assert.equal(leftOutWord('something new'), 'something new');
});

test('what a site does is said in words, with how far it is, and what is unknown as it says it', () => {
  assert.equal(activityWord('', 0), 'nothing reported');
  assert.equal(activityWord('training', 505), 'training, 51 %');
  assert.equal(activityWord('committed', 0), 'waiting for the others');
});
