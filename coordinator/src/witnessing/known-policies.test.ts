import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNoteKey, toLogPolicy, type CosigningRule } from '@blindsum/proto/tlog';
import { createKnownPolicies } from './known-policies.ts';

const logKey = createNoteKey('log.example', new Uint8Array(32).fill(9), 'ed25519');
const rosterOf = (...bytes: number[]) =>
  bytes.map((byte) => ({ signingKey: Buffer.alloc(32, byte).toString('hex') }));
const QUORUM: CosigningRule = { members: 'roster-quorum', standAlone: [], standAloneQuorum: 0 };
const ONE: CosigningRule = { ...QUORUM, members: 1 };

test('another rule, another roster, and those before them again each give their own policy', () => {
  const policyOf = createKnownPolicies({ logKey });
  const [first, second] = [rosterOf(1, 2, 3), rosterOf(1, 2, 3, 4)];
  for (const terms of [
    { rule: QUORUM, members: first },
    { rule: ONE, members: first },
    { rule: QUORUM, members: second },
    { rule: ONE, members: first },
    { rule: QUORUM, members: first },
  ])
    assert.deepEqual(policyOf(terms), toLogPolicy({ logKey, ...terms }));
});

test('the policy of the same rule and roster is computed once', () => {
  const policyOf = createKnownPolicies({ logKey });
  const terms = { rule: QUORUM, members: rosterOf(1, 2, 3) };
  assert.equal(policyOf(terms), policyOf({ ...terms }));
});
