// Where the parts of a YAML document stand in its text: told by the parser's own tree, so that a complaint can be shown at its line.

/** The part of a parsed YAML tree that is looked at: maps, lists and scalars with their ranges. */
export interface YamlNode {
  readonly range?: readonly [number, number, number] | null | undefined;
  readonly items?: readonly unknown[];
  readonly value?: unknown;
}

interface YamlPair {
  readonly key: YamlNode;
  readonly value: YamlNode | null;
}

/** Line, 1 and up, of the deepest part of `path` that is there. */
export function lineOf(root: YamlNode | null, path: readonly string[], text: string): number {
  return toLine(offsetOf(root, path, 0), text);
}

function offsetOf(node: YamlNode | null, path: readonly string[], found: number): number {
  const [name, ...rest] = path;
  if (name === undefined || !node?.items) return found;
  const item = node.items.find((one, i) =>
    isPair(one) ? String(one.key.value) === name : String(i) === name,
  );
  if (item === undefined) return found;
  if (isPair(item)) return offsetOf(item.value, rest, item.key.range?.[0] ?? found);
  const listed = item as YamlNode;
  return offsetOf(listed, rest, listed.range?.[0] ?? found);
}

/** The path of the part that stands at an offset of the text. */
export function pathAt(node: YamlNode | null, offset: number): string[] {
  if (!node?.items) return [];
  for (const [i, item] of node.items.entries()) {
    const { key, value } = isPair(item) ? item : { key: undefined, value: item as YamlNode };
    const start = (key ?? value)?.range?.[0] ?? Infinity;
    const end = Math.max(value?.range?.[2] ?? 0, key?.range?.[2] ?? 0);
    if (offset < start || offset > end) continue;
    // The end of one part is the beginning of the next: the next one is meant.
    const next = node.items[i + 1];
    const nextNode = isPair(next) ? next.key : (next as YamlNode | undefined);
    if (nextNode?.range && offset >= nextNode.range[0]) continue;
    return [key ? String(key.value) : String(i), ...pathAt(value, offset)];
  }
  return [];
}

function isPair(item: unknown): item is YamlPair {
  return typeof item === 'object' && item !== null && 'key' in item;
}

/** Line, 1 and up, of an offset. */
export function toLine(offset: number, text: string): number {
  return text.slice(0, offset).split('\n').length;
}
