import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memberPseudonym, rosterQuorum, utf8, type Members } from '@blindsum/proto';
import {
  createNoteKey,
  encodeTlogPolicy,
  isQuorumMet,
  NO_QUORUM,
  parseTlogPolicy,
} from '@blindsum/proto/tlog';
import { toLogPolicy } from './log-policy.ts';

const logKey = createNoteKey('log.example.org', new Uint8Array(32).fill(7));
const member = (byte: number) => ({ signingKey: Buffer.alloc(32, byte).toString('hex') });
const roster = { members: [1, 2, 3, 4].map(member) } as unknown as Members;
const nameOf = (byte: number) => `member-${memberPseudonym(member(byte)).slice(0, 16)}`;
const standAlone = ['w1', 'w2'].map((name, i) => ({
  name,
  key: createNoteKey(`${name}.example`, new Uint8Array(32).fill(50 + i), 'ed25519-cosignature'),
}));
const base = { logKey, roster, standAlone: [], rule: { standAlone: 0 } };

test('as many members as must approve a roster make a quorum, unless another number is configured', () => {
  const isMet = (rule: { members?: number }, count: number) =>
    isQuorumMet(
      toLogPolicy({ ...base, rule: { ...rule, standAlone: 0 } }),
      new Set([1, 2, 3, 4].slice(0, count).map(nameOf)),
    );
  assert.equal(rosterQuorum(4), 3);
  assert.deepEqual([isMet({}, 2), isMet({}, 3)], [false, true]);
  assert.deepEqual([isMet({ members: 1 }, 0), isMet({ members: 1 }, 1)], [false, true]);
  assert.deepEqual([isMet({ members: 9 }, 3), isMet({ members: 9 }, 4)], [false, true]);
});

test('where both kinds are asked for, neither stands for the other', () => {
  const policy = toLogPolicy({ ...base, standAlone, rule: { members: 2, standAlone: 1 } });
  assert.equal(isQuorumMet(policy, new Set([nameOf(1), nameOf(2), nameOf(3)])), false);
  assert.equal(isQuorumMet(policy, new Set([nameOf(1), 'w1', 'w2'])), false);
  assert.equal(isQuorumMet(policy, new Set([nameOf(1), nameOf(3), 'w2'])), true);
});

test('before there are members, and where nobody is asked for, no quorum is', () => {
  assert.equal(toLogPolicy({ ...base, roster: undefined }).quorum, NO_QUORUM);
  assert.equal(toLogPolicy({ ...base, rule: { members: 0, standAlone: 0 } }).quorum, NO_QUORUM);
});

test('the policy as a file is one that other tools read', () => {
  const parts = { ...base, url: 'https://log.example.org/log/', standAlone };
  const policy = toLogPolicy({ ...parts, rule: { standAlone: 2 } });
  assert.deepEqual(parseTlogPolicy(utf8(encodeTlogPolicy(policy))), policy);
  assert.match(encodeTlogPolicy(policy), /^log log\.example\.org\+\S+ https:\/\/log\.example\.org\/log\/\n/);
  assert.match(
    encodeTlogPolicy(policy),
    /group members 3 .*\ngroup stand-alone all w1 w2\ngroup both all members stand-alone\nquorum both\n$/s,
  );
});
