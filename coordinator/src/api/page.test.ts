import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeCursor, parseCursor, toPage, toSortKey } from './page.ts';

const keyOf = (n: number) => toSortKey(n);

function readAll(
  all: readonly number[],
  isNewestFirst: boolean,
  between?: (page: number) => readonly number[],
) {
  const shown: number[] = [];
  let cursor: string | undefined;
  for (let page = 1; ; page++) {
    const { items, next } = toPage(between?.(page) ?? all, { keyOf, isNewestFirst }, { limit: 3, cursor });
    assert.ok(items.length <= 3);
    shown.push(...items);
    if (next === null) return shown;
    cursor = next;
  }
}

test('pages of any list are the whole of it, each item once and in its order', () => {
  for (let count = 0; count <= 10; count++) {
    const all = Array.from({ length: count }, (_, i) => i * 9);
    const mixed = all.toSorted((a, b) => (a % 4) - (b % 4));
    assert.deepEqual(readAll(mixed, false), all);
    assert.deepEqual(readAll(mixed, true), all.toReversed());
  }
});

test('a list that changes in between shows nothing twice, and what stays is shown', () => {
  const lists = [
    [1, 2, 3, 4, 5, 6],
    // 3, which the cursor names, is gone, and 0 came before it.
    [0, 1, 2, 4, 5, 6, 7],
    [0, 1, 2, 4, 5, 6, 7],
  ];
  assert.deepEqual(
    readAll([], false, (page) => lists[page - 1]!),
    [1, 2, 3, 4, 5, 6, 7],
  );
});

test('a cursor has one spelling', () => {
  assert.equal(parseCursor(encodeCursor('hospital-ä 7')), 'hospital-ä 7');
  // Stray bits, and bytes that are no text.
  for (const cursor of ['AB', '_w', 'A'])
    assert.throws(() => parseCursor(cursor), { code: 'MALFORMED' }, cursor);
});
