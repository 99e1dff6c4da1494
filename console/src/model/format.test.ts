import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toBytes, toMoment, toSize } from './format.ts';

test('a size has its unit, one byte is one, and nothing is no number', () => {
  assert.deepEqual([0, 1, 2, 1023, 1024].map(toBytes), [
    ...['0 bytes', '1 byte', '2 bytes', '1023 bytes', '1 KiB'],
  ]);
  assert.deepEqual([toSize(0), toSize(65_536)], ['', '64 KiB']);
});

test('a moment of today is a time, and one of another day has its date', () => {
  const noon = new Date(2026, 0, 2, 12, 30, 5).getTime();
  assert.equal(toMoment(noon, noon + 3_600_000), '12:30:05');
  assert.equal(toMoment(noon, noon + 24 * 3_600_000), '2026-01-02 12:30');
});
