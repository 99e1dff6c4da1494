import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memberPseudonym } from '../roster.ts';
import { memberWitnessKey } from './member-witness.ts';
import { encodeVkey, parseCosignerVkey } from './note-key.ts';

test('a member cosigns under the beginning of its pseudonym, with the key of the roster', () => {
  const member = { signingKey: 'ab'.repeat(32) };
  const key = memberWitnessKey('log.example.org', member);
  assert.equal(key.name, `log.example.org/member/${memberPseudonym(member).slice(0, 16)}`);
  assert.equal(Buffer.from(key.publicKey).toString('hex'), member.signingKey);
  assert.deepEqual(parseCosignerVkey(encodeVkey(key)), key);
});
