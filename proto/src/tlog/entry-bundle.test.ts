import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseHex, utf8, type Bytes } from '../bytes.ts';
import { encodeEntryBundle, MAX_ENTRY_BYTES, parseEntryBundle } from './entry-bundle.ts';

const hex = (text: string): Bytes => parseHex(text, text.length / 2, 'vector');

test('entries of every length from 0 to 65535 bytes survive', () => {
  const entries = [0, 1, 255, 256, 65535].map((length) => new Uint8Array(length).fill(length));
  assert.deepEqual(parseEntryBundle(encodeEntryBundle(entries), entries.length), entries);
  assert.deepEqual(encodeEntryBundle([utf8('one')]), new Uint8Array(hex('00036f6e65')));
});

test('an entry over 65535 bytes is not encoded', () => {
  assert.throws(() => encodeEntryBundle([new Uint8Array(MAX_ENTRY_BYTES + 1)]), RangeError);
});

const BAD: Record<string, [data: string, width: number]> = {
  'nothing where an entry should be': ['', 1],
  'half a length': ['00', 1],
  'ends inside an entry': ['00036f6e', 1],
  'one entry too few': ['00036f6e65', 2],
  'one entry too many': ['00036f6e650000', 1],
  'stray byte': ['00036f6e65ff', 1],
};

for (const [defect, [data, width]] of Object.entries(BAD)) {
  test(`an entry bundle is refused: ${defect}`, () => {
    assert.throws(() => parseEntryBundle(hex(data), width), { code: 'MALFORMED' });
  });
}
