import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { utf8 } from './bytes.ts';
import {
  encodeInvitation,
  Invitation,
  invitationDigest,
  parseInvitation,
  parseInvitationText,
} from './invitation.ts';
import type { Digest, SiteId } from './identifiers.ts';

const SECRET = Uint8Array.from({ length: 32 }, (_, i) => i);
const TERMS = {
  coordinator: 'coordinator.example:7443',
  authority: 'ab'.repeat(32) as Digest,
  federation: 'hospitals.example',
  site: 'hospital-a' as SiteId,
  invitation: '0123456789abcdef0123456789abcdef',
};
test('a token carries an invitation and back', () => {
  const token = encodeInvitation(new Invitation(TERMS, SECRET));
  const { terms, secret } = parseInvitation(token);
  assert.deepEqual(terms, TERMS);
  assert.deepEqual(secret, SECRET);
  assert.deepEqual(parseInvitationText(utf8(`  ${token}\n`)).terms, TERMS);
});

test('every character of a token counts: a changed one is refused, or changes what it says', () => {
  const token = encodeInvitation(new Invitation(TERMS, SECRET));
  for (let at = 0; at < token.length; at++) {
    const changed = `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
    try {
      assert.equal(encodeInvitation(parseInvitation(changed)), changed);
    } catch (error) {
      assert.equal((error as { code?: string }).code, 'MALFORMED', `character ${at}`);
    }
  }
});

test('an invitation shows its secret to nobody who prints it', () => {
  const invitation = new Invitation(TERMS, SECRET);
  assert.equal(inspect({ invitation }), '{ invitation: [Invitation] }');
  assert.equal(JSON.stringify({ invitation }), '{"invitation":"[Invitation]"}');
  assert.throws(() => new Invitation(TERMS, SECRET.slice(1)), RangeError);
});

test('what is kept of a secret is its digest, behind a domain of its own', () => {
  const expected = createHash('sha256').update('blindsum/v1/invitation').update(SECRET).digest('hex');
  assert.equal(invitationDigest(SECRET), expected);
});
