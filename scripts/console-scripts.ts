// What scripts a page of the console needs: those that its own one imports or may ask for later, and theirs.
import { readdir, readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

/** `overview` comes with the document; the others are fetched when they are first opened. */
export const CONSOLE_PAGES = ['overview', 'job', 'sites', 'site', 'submit', 'audit', 'trail'] as const;
export type ConsolePage = (typeof CONSOLE_PAGES)[number];

const ASSETS = new URL('../console/dist/assets/', import.meta.url);

/** Names of the scripts that a built one imports by itself. */
export function importsOf(source: string): string[] {
  return namesIn(source, /(?:\bfrom|\bimport)\s*["'`]\.\/([\w.-]+\.js)["'`]/g);
}

/** Names of those that it asks for when they are needed. */
export function laterOf(source: string): string[] {
  return namesIn(source, /\bimport\(\s*["'`]\.\/([\w.-]+\.js)["'`]\s*\)/g);
}

function namesIn(source: string, pattern: RegExp): string[] {
  return [...source.matchAll(pattern)].map(([, name = '']) => name);
}

/** The scripts of a page in a built console, by name, given the sources of all; with those it may ask for, but other pages. */
export function scriptsOfPage(page: ConsolePage, sources: ReadonlyMap<string, string>): Set<string> {
  const first = ['index', ...(page === 'overview' ? [] : [`${page}-page`])];
  const needed = new Set<string>();
  const add = (name: string): void => {
    const source = sources.get(name);
    if (source === undefined) throw new Error(`the console has no ${name}`);
    if (needed.has(name)) return;
    needed.add(name);
    for (const one of importsOf(source)) add(one);
    for (const one of laterOf(source)) if (!isPage(one)) add(one);
  };
  for (const start of first) {
    const name = [...sources.keys()].find((one) => new RegExp(`^${start}-[\\w-]{8}\\.js$`).test(one));
    add(name ?? `${start}.js`);
  }
  return needed;
}

function isPage(name: string): boolean {
  return CONSOLE_PAGES.some((page) => name.startsWith(`${page}-page-`));
}

/** Bytes of script that each page needs, compressed as well as gzip can, in the console that is committed. */
export async function measureScripts(): Promise<Readonly<Record<ConsolePage, number>>> {
  const names = (await readdir(ASSETS)).filter((name) => name.endsWith('.js'));
  const sources = new Map(
    await Promise.all(
      names.map(async (name) => [name, await readFile(new URL(name, ASSETS), 'utf8')] as const),
    ),
  );
  const sizeOf = (name: string) => gzipSync(sources.get(name) ?? '', { level: 9 }).length;
  const bytesOf = (page: ConsolePage) =>
    [...scriptsOfPage(page, sources)].reduce((sum, name) => sum + sizeOf(name), 0);
  return Object.fromEntries(CONSOLE_PAGES.map((page) => [page, bytesOf(page)])) as Record<
    ConsolePage,
    number
  >;
}
