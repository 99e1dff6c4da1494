// Mistakes are named by their place, and a flood of them stays short enough for a log and a screen.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { describeIssues } from './describe-issues.ts';

const schema = z.strictObject({ site: z.string(), rounds: z.array(z.number()).default([]) });
const describe = (value: unknown): string => describeIssues(schema.safeParse(value).error!);

test('each mistake is named by its place', () => {
  assert.equal(
    describe({ rounds: [1, 'x'] }),
    'site: is missing; rounds.1: expected number, received string',
  );
  assert.equal(describe(1), 'document: expected object, received number');
});

test('of many mistakes the first are named, and the others counted', () => {
  const text = describe({ site: 'a', rounds: Array.from({ length: 5000 }, () => 'x') });
  assert.match(text, /^rounds\.0: .*; rounds\.19: expected number, received string; and 4980 more$/);
});

test('a long mistake is cut', () => {
  const text = describe({ site: 'a', ['k'.repeat(100_000)]: 1 });
  assert.match(text, /^document: unknown key: "k{200,}…$/);
  assert.ok(text.length < 400, text);
});
