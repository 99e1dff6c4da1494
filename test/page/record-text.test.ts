import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogRecord, Predicate } from '@blindsum/proto/tlog';
import { incidents, MEMBERS, sampleRecords } from '../../auditor/src/sample-log.fixture.ts';
import { toRecordText } from '../../page/src/record-text.ts';
import { RECORD_KEY_HINT, RELEASE, ROUND } from './sample-files.ts';

const valueOf = (record: LogRecord, wanted: string) =>
  toRecordText(record).facts.find(({ name }) => name === wanted)?.value;
const PREDICATE = ROUND.predicate as Predicate<'round'>;
const roundWith = (change: Partial<Predicate<'round'>>): LogRecord => ({
  kind: 'round',
  predicate: { ...PREDICATE, ...change },
});

test('each kind of record that people ask for is said in a sentence', () => {
  const [charter, roster, manifest, sealed] = sampleRecords(1);
  const sentences = [charter!, roster!, manifest!, sealed!, ROUND, RELEASE, ...incidents(1, 1)].map(
    (record) => toRecordText(record).sentence,
  );
  assert.deepEqual(sentences, [
    'The log of the federation log.example.org begins with this record, which names the key that signs its records.',
    '3 members of the federation log.example.org.',
    '3 members consented to job breast-cancer before its first round.',
    '3 sites were fixed as the contributors, before anything of them was opened.',
    '3 of 3 sites contributed to this training round; nobody was left out.',
    'The model after round 2 of job breast-cancer was made public: 2 members voted for it, 2 were needed.',
    'Attempt 1 of round 1 of job breast-cancer failed: TOO_FEW_CONTRIBUTORS.',
  ]);
  assert.equal(valueOf(charter!, 'Record key'), RECORD_KEY_HINT);
  assert.deepEqual(valueOf(sealed!, 'Contributors'), MEMBERS);
});

test('who was left out is named, with the reason', () => {
  const excluded = [{ member: MEMBERS[2]!, reason: 'late' }];
  const counts = { roster: 3, committed: 2, sealed: 2 };
  const round = roundWith({ excluded, counts, setSize: 2 });
  assert.equal(toRecordText(round).sentence, '2 of 3 sites contributed to this training round; 1 left out.');
  assert.deepEqual(valueOf(round, 'Left out'), [`${MEMBERS[2]!.slice(0, 16)}…: late`]);
});

test('totals are said in words and in their units', () => {
  const metrics = { examples: 1234, accuracyMillionths: 893_805 };
  assert.deepEqual(valueOf(roundWith({ metrics }), 'Totals'), ['examples: 1,234', 'accuracy: 0.8938']);
  assert.equal(valueOf(roundWith({ metrics: {} }), 'Totals'), 'none published');
});
