// What a tree asks for is what the records before its end say: the first charter, the amendments that follow it, the latest roster.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digest } from '@blindsum/proto';
import { parseVkey, type CosigningRule, type Predicate } from '@blindsum/proto/tlog';
import { CosigningHistory } from './cosigning-history.ts';
import { BY_BOTH, BY_MEMBERS, ruledCharter } from './ruled-log.fixture.ts';
import { hashOf, roster, SITES, VKEY } from './sample-log.fixture.ts';

const KEY = parseVkey(VKEY);
const CHARTER = hashOf('charter');
const BY_NOBODY: CosigningRule = { members: 0, standAlone: [], standAloneQuorum: 0 };

/** Charter in entry 0, rosters in 1 and 4, an amendment in 2. */
function createHistory(): CosigningHistory {
  const history = new CosigningHistory();
  history.admitCharter(0, CHARTER, charterOf(BY_MEMBERS));
  history.admitRoster(1, rosterOf(1, 2));
  history.admitAmendment(2, hashOf('amendment'), amendmentOf(CHARTER, BY_BOTH));
  history.admitRoster(4, rosterOf(2, 3));
  return history;
}

const charterOf = (rule: CosigningRule) => ruledCharter(rule).predicate as Predicate<'charter'>;
const rosterOf = (version: number, members: number) => ({
  ...(roster(SITES.slice(0, members)).predicate as Predicate<'roster'>),
  version,
});
const amendmentOf = (previousRecord: Digest, cosigning: CosigningRule, number = 1) => ({
  ...{ federation: 'log.example.org' as Predicate<'charter'>['federation'], number },
  ...{ previousRecord, cosigning },
});
const askedAt = (history: CosigningHistory, size: number) => history.at(size, KEY)?.asked;

test('a tree asks for what is in it, and for nothing that follows', () => {
  const history = createHistory();
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5].map((size) => askedAt(history, size)),
    [
      undefined,
      'the charter (entry 0) asks for 2 of the members; there is no roster yet',
      'the charter (entry 0) asks for 2 of the members; under roster version 1',
      'charter amendment 1 (entry 2) asks for 2 of the members and 1 of 1 stand-alone witnesses (w1); under roster version 1',
      'charter amendment 1 (entry 2) asks for 2 of the members and 1 of 1 stand-alone witnesses (w1); under roster version 1',
      'charter amendment 1 (entry 2) asks for 2 of the members and 1 of 1 stand-alone witnesses (w1); under roster version 2',
    ],
  );
});

test('while a log grew, each rule and roster that it passed was asked for, the last one too', () => {
  const between = (from: number, to: number) =>
    createHistory()
      .between(from, to, KEY)
      .map(({ asked }) => asked.replace(/ asks for.*;/, ''));
  assert.deepEqual(between(2, 3), [
    'the charter (entry 0) under roster version 1',
    'charter amendment 1 (entry 2) under roster version 1',
  ]);
  assert.deepEqual(between(3, 5), [
    'charter amendment 1 (entry 2) under roster version 1',
    'charter amendment 1 (entry 2) under roster version 2',
  ]);
  assert.equal(between(3, 4).length, 1);
  assert.deepEqual(between(0, 5), []);
});

test('attack: a second charter changes nothing', () => {
  const history = createHistory();
  history.admitCharter(5, hashOf('another'), charterOf(BY_NOBODY));
  assert.deepEqual(history.ruleAt(6), BY_BOTH);
  assert.throws(
    () => history.admitAmendment(6, hashOf('x'), amendmentOf(hashOf('another'), BY_NOBODY, 2)),
    /does not name the charter, or the amendment/,
  );
});
