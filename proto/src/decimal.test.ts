import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { encodeDecimal, isDecimal, toNumber } from './decimal.ts';

test('a decimal has exactly one spelling', () => {
  for (const text of ['0', '1', '-1', '0.05', '-0.5', '12345.678']) assert.ok(isDecimal(text), text);
  const others = [
    '',
    '-0',
    '00',
    '01',
    '1.',
    '.5',
    '1.0',
    '0.50',
    '+1',
    '1e3',
    '0x10',
    ' 1',
    '1\n',
    '٣',
    'NaN',
    'Infinity',
    '1,5',
  ];
  for (const text of others) assert.ok(!isDecimal(text), text);
});

test('a decimal longer than 20 characters is refused without scanning it', () => {
  assert.ok(isDecimal('1'.repeat(20)));
  assert.ok(!isDecimal('1'.repeat(21)));
});

test('numbers of a configuration are spelled out without an exponent', () => {
  assert.equal(encodeDecimal(1.5e-7), '0.00000015');
  assert.equal(encodeDecimal(-1e-3), '-0.001');
  assert.equal(encodeDecimal(-0), '0');
  assert.equal(encodeDecimal(1e15), '1000000000000000');
  assert.equal(encodeDecimal(1e21), undefined);
  assert.equal(encodeDecimal(1e-300), undefined);
  assert.equal(encodeDecimal(NaN), undefined);
  assert.equal(encodeDecimal(Infinity), undefined);
});

test('every number that has a spelling comes back unchanged', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const text = encodeDecimal(value);
      if (text !== undefined) assert.equal(toNumber(text), value === 0 ? 0 : value);
    }),
  );
  fc.assert(
    fc.property(fc.integer({ min: -1e6, max: 1e6 }), fc.integer({ min: 0, max: 6 }), (whole, places) => {
      const value = whole / 10 ** places;
      assert.equal(toNumber(encodeDecimal(value)!), value === 0 ? 0 : value);
    }),
  );
});
