// Which subtrees a Merkle proof consists of (RFC 9162 sections 2.1.3.1 and 2.1.4.1), whoever knows their roots.

/** The leaves start..end-1 of a tree. */
export interface LeafRange {
  readonly start: bigint;
  readonly end: bigint;
}

/** The ranges whose roots are PATH(index, D[size]): the sibling of the leaf first. Throws a RangeError unless index < size. */
export function inclusionRanges(index: bigint, size: bigint): LeafRange[] {
  if (index < 0n || index >= size) throw new RangeError(`no leaf ${index} in a tree of ${size}`);
  const path: LeafRange[] = [];
  for (let [start, end] = [0n, size]; end - start > 1n;) {
    const split = start + largestPowerOfTwoBelow(end - start);
    const isLeft = index < split;
    path.push(isLeft ? { start: split, end } : { start, end: split });
    [start, end] = isLeft ? [start, split] : [split, end];
  }
  return path.reverse();
}

/**
 * The ranges whose roots are PROOF(oldSize, D[newSize]); none when oldSize is 0 or newSize. Throws a RangeError unless
 * oldSize <= newSize.
 */
export function consistencyRanges(oldSize: bigint, newSize: bigint): LeafRange[] {
  if (oldSize < 0n || oldSize > newSize)
    throw new RangeError(`a tree of ${newSize} was never of size ${oldSize}`);
  if (oldSize === 0n || oldSize === newSize) return [];
  const path: LeafRange[] = [];
  let [start, end] = [0n, newSize];
  while (oldSize !== end) {
    const split = start + largestPowerOfTwoBelow(end - start);
    const isLeft = oldSize <= split;
    path.push(isLeft ? { start: split, end } : { start, end: split });
    [start, end] = isLeft ? [start, split] : [split, end];
  }
  // The old tree's root is known to the verifier, so a range that is the whole old tree is left out.
  return [...(start === 0n ? [] : [{ start, end }]), ...path.reverse()];
}

/** The largest power of two strictly below `n`, for n >= 2. */
function largestPowerOfTwoBelow(n: bigint): bigint {
  return 1n << BigInt((n - 1n).toString(2).length - 1);
}
