import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkSignature } from '../../node/check-signature.ts';
import { createTestSite } from '../../../test/fixtures/federation.ts';
import { memberPseudonym } from '../roster.ts';
import { signCosignature, toCosignatureClaim } from './cosignature.ts';
import { memberWitnessKey, memberWitnessName } from './member-witness.ts';

const ORIGIN = 'log.example.org';
const TEXT = `${ORIGIN}\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n`;

test('a member cosigns under the beginning of its pseudonym, with the key of the roster', () => {
  const { member, sign } = createTestSite('hospital-a');
  const key = memberWitnessKey(ORIGIN, member);
  const pseudonym = memberPseudonym(member);
  assert.equal(key.name, `${ORIGIN}/member/${pseudonym.slice(0, 16)}`);
  assert.equal(key.name, memberWitnessName(ORIGIN, pseudonym));
  assert.ok(!key.name.includes('hospital-a'));
  const { signature } = signCosignature({ text: TEXT, timeSeconds: 1_800_000_000n }, key, sign);
  const claim = toCosignatureClaim(TEXT, { key, signature });
  assert.ok(checkSignature(claim.signature));
  const other = memberWitnessKey('other.example.org', member);
  assert.notDeepEqual(other.keyId, key.keyId);
});
