import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { concat, toHex } from '../src/bytes.ts';
import { sha256 } from '../src/digest.ts';
import { bulkHash, hashLeaf } from './bulk-hash.ts';

test('the bulk hash of some parts is the portable hash of them joined', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 100 })), (parts) => {
      assert.equal(toHex(bulkHash(...parts)), toHex(sha256(concat(...parts))));
    }),
  );
});

test('a leaf is hashed behind a zero byte (RFC 6962 section 2.1)', () => {
  assert.equal(
    toHex(hashLeaf(new Uint8Array(0))),
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  );
});
