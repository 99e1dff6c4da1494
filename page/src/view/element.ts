// Elements without markup in strings: what comes from a file can only ever be text.

export type Child = Node | string | undefined;
type Attributes = Readonly<Record<string, string>>;

/** An element with these attributes and children. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children.filter((child) => child !== undefined));
  return node;
}

const SVG = 'http://www.w3.org/2000/svg';
const PATHS = {
  passed: 'M5 12.5l4.5 4.5L19 7.5',
  failed: 'M6.5 6.5l11 11M17.5 6.5l-11 11',
  skipped: 'M6.5 12h11',
} as const;

/** A sign for a status, beside the word that says it. */
export function icon(status: keyof typeof PATHS): SVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', PATHS[status]);
  svg.append(path);
  return svg;
}
