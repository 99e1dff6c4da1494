import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseHex, toHex } from '../src/bytes.ts';
import { nobleKeyStream } from '../src/noble-key-stream.ts';
import { nodeKeyStream } from './key-stream.ts';

const KEY = parseHex('0123456789abcdef'.repeat(4), 32, 'key');

for (const [name, stream] of [
  ['node', nodeKeyStream],
  ['noble', nobleKeyStream],
] as const) {
  // prettier-ignore
  test(`the ${name} key stream of the zero key is AES-256 of a counter from zero`, () => {
    // NIST AESAVS, AES-256 of the zero block under the zero key, then of the block 1.
    const stream32 = toHex(stream(new Uint8Array(32), 0, 32));
    assert.equal(stream32, 'dc95c078a2408989ad48a21492842087530f8afbc74536b9a963b4f1c4cb738b');
  });

  test(`the ${name} key stream is the same wherever one starts to read`, () => {
    const whole = stream(KEY, 0, 4096);
    for (const offset of [0, 16, 272, 4080]) {
      assert.deepEqual([...stream(KEY, offset, 16)], [...whole.subarray(offset, offset + 16)]);
    }
  });

  test(`the ${name} key stream starts only at a block`, () => {
    for (const offset of [8, -16, 0.5, NaN]) assert.throws(() => stream(KEY, offset, 16), RangeError);
  });
}

test('both key streams agree, also where the counter passes 32 bits', () => {
  const offsets = fc
    .oneof(fc.nat(1 << 20), fc.constantFrom(2 ** 32 - 1, 2 ** 32, 2 ** 40))
    .map((block) => 16 * block);
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      offsets,
      fc.integer({ min: 1, max: 200 }),
      (key, offset, length) => {
        assert.equal(toHex(nodeKeyStream(key, offset, length)), toHex(nobleKeyStream(key, offset, length)));
      },
    ),
    { numRuns: 60 },
  );
});
