import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8 } from '../bytes.ts';
import { rosterQuorum } from '../roster-chain.ts';
import { memberPseudonym } from '../roster.ts';
import type { CosigningRule } from './cosigning-rule.ts';
import { isSamePolicy, toLogPolicy } from './log-policy.ts';
import { createNoteKey, encodeVkey } from './note-key.ts';
import { encodeTlogPolicy, isQuorumMet, NO_QUORUM, parseTlogPolicy } from './tlog-policy.ts';

const logKey = createNoteKey('log.example.org', new Uint8Array(32).fill(7));
const member = (byte: number) => ({ signingKey: Buffer.alloc(32, byte).toString('hex') });
const members = [1, 2, 3, 4].map(member);
const nameOf = (byte: number) => `member-${memberPseudonym(member(byte)).slice(0, 16)}`;
const standAlone = ['w1', 'w2'].map((name, i) => ({
  name,
  vkey: encodeVkey(createNoteKey(`${name}.example`, new Uint8Array(32).fill(50 + i), 'ed25519-cosignature')),
}));
const NOBODY: CosigningRule = { members: 0, standAlone: [], standAloneQuorum: 0 };
const policyOf = (rule: Partial<CosigningRule>) =>
  toLogPolicy({ logKey, members, rule: { ...NOBODY, ...rule } });

test('as many members as must approve a roster make a quorum, unless the rule names another number', () => {
  const isMet = (asked: CosigningRule['members'], count: number) =>
    isQuorumMet(policyOf({ members: asked }), new Set([1, 2, 3, 4].slice(0, count).map(nameOf)));
  assert.equal(rosterQuorum(4), 3);
  assert.deepEqual([isMet('roster-quorum', 2), isMet('roster-quorum', 3)], [false, true]);
  assert.deepEqual([isMet(1, 0), isMet(1, 1)], [false, true]);
  assert.deepEqual([isMet(9, 3), isMet(9, 4)], [false, true]);
});

test('where both kinds are asked for, neither stands for the other', () => {
  const policy = policyOf({ members: 2, standAlone, standAloneQuorum: 1 });
  assert.equal(isQuorumMet(policy, new Set([nameOf(1), nameOf(2), nameOf(3)])), false);
  assert.equal(isQuorumMet(policy, new Set([nameOf(1), 'w1', 'w2'])), false);
  assert.equal(isQuorumMet(policy, new Set([nameOf(1), nameOf(3), 'w2'])), true);
});

test('before there are members, and where nobody is asked for, no quorum is', () => {
  const rule: CosigningRule = { ...NOBODY, members: 'roster-quorum' };
  assert.equal(toLogPolicy({ logKey, members: [], rule }).quorum, NO_QUORUM);
  assert.equal(policyOf({}).quorum, NO_QUORUM);
});

test('the policy as a file is one that other tools read', () => {
  const rule: CosigningRule = { members: 'roster-quorum', standAlone, standAloneQuorum: 2 };
  const policy = toLogPolicy({
    ...{ logKey, members, rule },
    url: 'https://log.example.org/log/',
    witnessUrls: new Map([['w2', 'https://w2.example/']]),
  });
  assert.deepEqual(parseTlogPolicy(utf8(encodeTlogPolicy(policy))), policy);
  assert.match(encodeTlogPolicy(policy), /^log log\.example\.org\+\S+ https:\/\/log\.example\.org\/log\/\n/);
  assert.match(encodeTlogPolicy(policy), /\nwitness w1 \S+\nwitness w2 \S+ https:\/\/w2\.example\/\n/);
  assert.match(
    encodeTlogPolicy(policy),
    /group members 3 .*\ngroup stand-alone all w1 w2\ngroup both all members stand-alone\nquorum both\n$/s,
  );
});

test('policies are the same wherever their log is read, and others with another witness, quorum or log', () => {
  const asked = { members: 'roster-quorum', standAlone, standAloneQuorum: 1 } as const;
  const policy = policyOf(asked);
  const elsewhere = toLogPolicy({ logKey, members, rule: asked, url: 'https://elsewhere.example/' });
  assert.equal(isSamePolicy(policy, elsewhere), true);
  const others = [
    policyOf({ ...asked, standAloneQuorum: 2 }),
    policyOf({ ...asked, members: 2 }),
    policyOf({ ...asked, standAlone: standAlone.slice(1) }),
    toLogPolicy({ logKey, members: members.slice(1), rule: asked }),
    toLogPolicy({ logKey: { ...logKey, name: 'other.example' }, members, rule: asked }),
  ];
  assert.deepEqual(
    others.map((other) => isSamePolicy(policy, other)),
    others.map(() => false),
  );
});
