// A coordinator that adds up wrongly. Every site finds out before it opens (PROTOCOL.md section 8, invariants 4 and 5), and
// nothing is lost: told the truth, the same sites finish the round (invariant 8).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { N, Q, type RefusalCode } from '@blindsum/proto';
import { everyone, withFederation } from './attacked-federation.ts';
import type { Lies } from './lying-coordinator.ts';

/** A ciphertext under the key zero: in NTT form a constant polynomial is the same number everywhere. It opens cleanly. */
function transparent(length: number, message: bigint): BigUint64Array {
  return new BigUint64Array(length).fill(message, 0, N);
}

const flipped = (term: BigUint64Array, place: number) => term.with(place, term[place]! ^ 1n);

const ATTACKS: [string, Lies, RefusalCode][] = [
  ['drops one ciphertext', { addUp: ([, ...others]) => others }, 'BAD_CHECKSUM'],
  [
    'counts one ciphertext twice',
    { addUp: ([first, ...others]) => [first!, first!, ...others] },
    'BAD_CHECKSUM',
  ],
  ['puts one ciphertext in the place of another', { addUp: ([a, b]) => [a!, b!, b!] }, 'BAD_CHECKSUM'],
  [
    'adds a ciphertext of its own that would open without a trace',
    { addUp: (terms) => [...terms, transparent(terms[0]!.length, 5n)] },
    'BAD_CHECKSUM',
  ],
  [
    'subtracts a ciphertext that it knows the message of',
    { addUp: (terms) => [...terms, transparent(terms[0]!.length, Q - 5n)] },
    'BAD_CHECKSUM',
  ],
  ['flips a bit in the header', { addUp: ([a, ...others]) => [flipped(a!, 7), ...others] }, 'BAD_CHECKSUM'],
  [
    'flips a bit in the last chunk',
    { addUp: ([a, ...others]) => [flipped(a!, 2 * N - 1), ...others] },
    'BAD_CHECKSUM',
  ],
  ['delivers another sum than it announced', { deliverSum: (sum) => flipped(sum, 3) }, 'ROOT_MISMATCH'],
  ['delivers a number that is not below q', { deliverSum: (sum) => sum.with(N, Q) }, 'PART_OUT_OF_RANGE'],
];

test('no site opens a sum that is not the sum of the set', async (t) => {
  await withFederation({ sites: 3 }, async (federation) => {
    await federation.run('summed');
    for (const [what, lies, code] of ATTACKS) {
      await t.test(`a coordinator ${what}: ${code} at every site`, async () => {
        await federation.retell('sealed', lies);
        federation.assertRefusedBeforeOpening(everyone(3, code));
      });
    }
    await t.test('told the truth in the end, they open it', async () => {
      await federation.retell('sealed', {});
      assert.equal(federation.coordinator.phase, 'published');
      federation.assertRefused({});
    });
  });
});
