// Patterns for names in a policy: `*` stands for any characters, everything else for itself. Linear in the name's length
// times the number of stars, because each piece is looked for once, from left to right.

/** True if the whole of `name` is like `pattern`. */
export function isLike(pattern: string, name: string): boolean {
  const [first = '', ...others] = pattern.split('*');
  if (others.length === 0) return name === pattern;
  const last = others.pop()!;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const piece of others) {
    const found = name.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
