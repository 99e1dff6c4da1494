import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PrivacyDocument } from './documents.ts';
import { toFlowRows, toStatements } from './privacy.ts';

const privacy = (changes: Partial<PrivacyDocument> = {}): PrivacyDocument => ({
  ...{ job: 'a-job', members: ['a', 'b', 'c', 'd', 'e'], threshold: 3, minimumContributors: 4 },
  ...{ allowTwoSites: false, clipNorm: '1.5', modelReaders: 'members', flows: [] },
  ...changes,
});
const textOf = (changes: Partial<PrivacyDocument>) =>
  toStatements(privacy(changes))
    .map(({ title, text }) => `${title}. ${text}`)
    .join('\n');

test('who must act together, and what can be subtracted, is told in the job’s own numbers', () => {
  const text = textOf({});
  assert.match(text, /3 of 5 members open a sum together/);
  assert.match(text, /unless 3 members break the rules together\./);
  assert.match(text, /at least 4 sites/);
  assert.match(text, /can work out the last: 3 sites would have to put theirs together/);
  assert.match(text, /an L2 norm of 1\.5/);
});

test('with two sites, that each reads the other’s update is said', () => {
  const text = textOf({ members: ['a', 'b'], threshold: 2, minimumContributors: 2, allowTwoSites: true });
  assert.match(text, /each can subtract its own update and reads the other’s/);
  assert.match(text, /unless 2 members break the rules together/);
});

test('a released model is everybody’s, and one that is not is the members’', () => {
  assert.match(textOf({ modelReaders: 'everybody' }), /The model is public\. .*anybody may fetch it/);
  assert.match(textOf({}), /The model stays with the members\. a, b, c, d and e hold it/);
  const members = Array.from({ length: 200 }, (_, i) => `site-${i}`);
  assert.match(textOf({ members }), /The 200 members hold it\./);
});

test('what leaves a site is told with its form, its readers and what becomes of it', () => {
  const flows: PrivacyDocument['flows'] = [
    {
      ...{ what: 'update', rounds: ['training'], form: 'encrypted', readers: 'nobody' },
      afterOpening: 'total',
    },
    {
      ...{ what: 'heartbeat', rounds: [], form: 'clear', readers: 'operators' },
      afterOpening: 'nothing',
    },
  ];
  const [update, heartbeat] = toFlowRows(privacy({ flows }));
  assert.equal(update?.when, 'Training');
  assert.match(update.form, /^Encrypted/);
  assert.deepEqual(update.readers, { word: 'Nobody', tone: 'good' });
  assert.match(update.afterwards, /total over all contributors/);
  assert.deepEqual(
    [heartbeat?.when, heartbeat?.readers.word, heartbeat?.afterwards],
    ['At any time', 'Operators', '–'],
  );
});
