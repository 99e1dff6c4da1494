import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandUser, encodeName, toAdminCaller, USER_HEADER } from './admin-caller.ts';

const callerOf = (name?: string) =>
  toAdminCaller({ headers: name === undefined ? {} : { [USER_HEADER]: name } }).actor;

test('a user over the socket is who the command claims to be, and the trail says so', () => {
  assert.deepEqual(callerOf(encodeName('Änne as root')), {
    kind: 'local',
    user: 'Änne as root',
    claimed: true,
  });
});

test('a name that is missing or cannot be read is the program’s own, and one that would spoil the trail is made harmless', () => {
  const own = commandUser({});
  for (const name of [undefined, '', '%ff'])
    assert.deepEqual(callerOf(name), { kind: 'local', user: own, claimed: true });
  const actor = callerOf(encodeName(`x\n\u202e${'y'.repeat(200)}`));
  assert.ok(actor.kind === 'local' && /^x\u{FFFD}\u{FFFD}y{97}$/u.test(actor.user));
});

test('who came by sudo is named too', () => {
  assert.match(commandUser({ SUDO_USER: 'alice-x' }), /^alice-x as /);
});
