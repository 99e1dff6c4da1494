import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  commitmentCodec,
  parseContributorSet,
  Refusal,
  setRoot,
  signMessage,
  type Commitment,
  type Digest,
  type ExpectedSet,
  type RefusalCode,
  type SignedMessage,
} from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import { createTestFederation, createTestSite, type TestSite } from '../fixtures/federation.ts';

const { sites, roster } = createTestFederation();
const context = 'a'.repeat(64) as Digest;
const expected: ExpectedSet = { context, roster, chunks: 2, verify: verifyEd25519 };

function commit(site: TestSite, changes: Partial<Commitment> = {}): SignedMessage {
  const root = 'b'.repeat(64) as Digest;
  const commitment = {
    context,
    site: site.site,
    ciphertextRoot: root,
    chunks: 2,
    shareRoot: root,
    ...changes,
  };
  return signMessage(commitmentCodec, commitment, site.sign, { members: [...roster.members, site.member] });
}

function refusal(
  commitments: readonly SignedMessage[],
  root = setRoot(commitments),
): RefusalCode | undefined {
  try {
    parseContributorSet({ root, commitments }, expected);
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

const [a, b, c] = [sites[0]!, sites[1]!, sites[2]!];

test('a set of signed commitments in roster order is accepted', () => {
  assert.equal(refusal([commit(a), commit(b), commit(c)]), undefined);
  assert.equal(refusal([commit(a), commit(c)]), undefined);
});

test('a set in another order, or with a site twice, is refused', () => {
  assert.equal(refusal([commit(b), commit(a)]), 'MALFORMED');
  assert.equal(refusal([commit(a), commit(a), commit(b)]), 'MALFORMED');
});

test('an invented member is refused', () => {
  assert.equal(refusal([commit(a), commit(createTestSite('hospital-x'))]), 'NOT_A_MEMBER');
});

test("a commitment signed with a key that is not the member's is refused", () => {
  assert.equal(refusal([commit({ ...createTestSite('hospital-b'), site: b.site })]), 'BAD_SIGNATURE');
});

test('a commitment of another round, or of another size, is refused', () => {
  assert.equal(refusal([commit(a, { context: 'c'.repeat(64) as Digest })]), 'WRONG_CONTEXT');
  assert.equal(refusal([commit(a, { chunks: 3 })]), 'MODEL_MISMATCH');
});

test('a root that leaves out or adds a commitment is refused', () => {
  const all = [commit(a), commit(b), commit(c)];
  assert.equal(refusal(all, setRoot(all.slice(1))), 'ROOT_MISMATCH');
  assert.equal(refusal(all.slice(1), setRoot(all)), 'ROOT_MISMATCH');
});
