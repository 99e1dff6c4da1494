import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '@blindsum/proto';
import { invitationNamed, jobNamed, siteNamed } from './names.ts';

const refusal = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof Refusal) return `${error.code} ${error.detail}`;
  }
  return 'none';
};

test('a name is what it is', () => {
  const id = '0'.repeat(32);
  assert.deepEqual([jobNamed('a-job'), siteNamed('north'), invitationNamed(id)], ['a-job', 'north', id]);
});

test('a name with a mistake is one of the command, and says what a name is', () => {
  const expected = '1 to 63 of a-z, 0-9 and inner hyphens';
  assert.equal(
    refusal(() => jobNamed('My Job')),
    `CONFIG_INVALID "My Job": a job name is ${expected}`,
  );
  assert.equal(
    refusal(() => siteNamed('')),
    `CONFIG_INVALID "": a site name is ${expected}`,
  );
  assert.match(
    refusal(() => invitationNamed('xyz')),
    /^CONFIG_INVALID "xyz" names no invitation: /,
  );
});
