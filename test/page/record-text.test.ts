import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogRecord, Predicate } from '@blindsum/proto/tlog';
import {
  hashOf,
  incidents,
  JOB,
  lateConsent,
  MEMBERS,
  ORIGIN,
  recordOf,
  sampleRecords,
  SITES,
  withdrawal,
} from '../../auditor/src/sample-log.fixture.ts';
import { amendment, BY_BOTH, ruledCharter, W1 } from '../../auditor/src/ruled-log.fixture.ts';
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

test('what an amendment asks for is said, with the keys that it names', () => {
  const charter = ruledCharter({ members: 'roster-quorum', standAlone: [], standAloneQuorum: 0 });
  assert.equal(valueOf(charter, 'Must have cosigned'), 'as many members as must approve a roster');
  const record = amendment(1, charter, BY_BOTH);
  assert.equal(
    toRecordText(record).sentence,
    'From this record on, 2 of the members and 1 of 1 stand-alone witnesses (w1) must have cosigned a checkpoint of this log.',
  );
  assert.deepEqual(valueOf(record, 'Stand-alone witnesses'), [W1.vkey]);
  assert.equal(valueOf(record, 'Federation'), ORIGIN);
});

test('what members and operators did is said', () => {
  const site = SITES[0]!;
  const certificate = { member: site.member, certificate: hashOf('certificate'), notAfter: 0 };
  const told: [record: LogRecord, sentence: RegExp, fact: string, value: unknown][] = [
    [lateConsent(site), /consented to job breast-cancer after it had started/, 'Consented', site.member],
    [withdrawal(site, 2), /took its consent to job breast-cancer back/, 'Withdrew', site.member],
    [
      recordOf('certificate', { event: 'issued', ...certificate }),
      /first certificate/,
      'Member',
      site.member,
    ],
    [
      recordOf('certificate', { event: 'revoked', ...certificate, reason: 'key-compromise' }),
      /counts no more/,
      'Reason',
      'key-compromise',
    ],
    [
      recordOf('certificate', { event: 'renewed', ...certificate, notAfter: Number.MAX_SAFE_INTEGER }),
      /next certificate/,
      'Valid until',
      '9007199254740.99 seconds after 1970',
    ],
    [
      recordOf('administration', { from: 3, to: 5, count: 3, root: hashOf('trail'), previousRecord: '' }),
      /^Actions 3 to 5 of the operators are fixed/,
      'Record before',
      'none: the first of the trail',
    ],
    [
      recordOf('redaction', {
        ...{ record: hashOf('record'), kind: 'round', job: JOB, name: hashOf('name') },
        reason: 'asked for by a member',
      }),
      /The body of a record of the kind round was erased/,
      'Reason',
      'asked for by a member',
    ],
    [
      recordOf('anchor', { size: 1, root: hashOf('tree'), token: hashOf('token') }),
      /has seen the first 1 entry of this log/,
      'Entries',
      '1',
    ],
  ];
  for (const [record, sentence, fact, value] of told) {
    assert.match(toRecordText(record).sentence, sentence);
    assert.deepEqual(valueOf(record, fact), value);
  }
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
