// Reads a YAML file that people wrote: every mistake is refused with its line.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { Composer, LineCounter, Parser, type CST, type Document } from 'yaml';
import { Refusal } from '../src/refusal.ts';
import { toSystemFault } from './system-fault.ts';

/**
 * Collections inside one another, far beyond any file of ours. Composing a document recurses at each level, and reports each one that
 * stays open: a few kilobytes of brackets would take a tenth of a second, a few more the stack. Reading its tokens does neither.
 */
const MAX_NESTING = 64;

/** The plain value of a YAML file; refuses CONFIG_INVALID with the file and the line of the first mistake. */
export async function loadYaml(path: string): Promise<unknown> {
  return parseYaml(await readText(path), basename(path));
}

/** The same of a text that is there; `file` is what refusals call it. */
export function parseYaml(text: string, file: string): unknown {
  const lines = new LineCounter();
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const deep = findDeeper(tokens, MAX_NESTING);
  if (deep) throw refusalAt(toPlace(file, lines, deep.offset), `more than ${MAX_NESTING} levels of nesting`);
  const { document, next } = withoutStacks(() => compose(tokens, text.length));
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem) throw refusalAt(toPlace(file, lines, problem.pos[0]), problem.message);
  if (next) throw refusalAt(toPlace(file, lines, next.range[0]), 'a second document');
  return toPlainValue(document, file);
}

/** The first document, which may be empty, and the one after it. */
function compose(tokens: readonly CST.Token[], end: number): Composed {
  const [document, next] = new Composer({ stringKeys: true }).compose(tokens, true, end);
  return { document: document!, next };
}

interface Composed {
  readonly document: Document.Parsed;
  readonly next: Document.Parsed | undefined;
}

/** A file may have thousands of errors: their stacks take longer than finding them, and nobody looks at them. Nothing else runs meanwhile. */
function withoutStacks<T extends object>(work: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function toPlace(file: string, lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `${file}:${line}:${col}`;
}

function refusalAt(place: string, problem: string): Refusal {
  return new Refusal('CONFIG_INVALID', `${place}: ${problem}`);
}

/** The first token found below so many collections, if there is one. Keeps its own stack: the input decides how deep it goes. */
function findDeeper(tokens: readonly CST.Token[], levels: number): CST.Token | undefined {
  const open: [token: CST.Token | null | undefined, level: number][] = tokens.map((token) => [token, 0]);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [token, level] = next;
    if (!token) continue;
    if (level > levels) return token;
    if (token.type === 'document') open.push([token.value, level]);
    else if ('items' in token)
      for (const { key, value } of token.items) open.push([value, level + 1], [key, level + 1]);
  }
  return undefined;
}

function toPlainValue(document: Document.Parsed, file: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    // An alias may name nothing, or too much.
    throw new Refusal('CONFIG_INVALID', `${file}: ${(cause as Error).message}`, { cause });
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new Refusal('CONFIG_INVALID', `${path}: cannot be read (${toSystemFault(cause)})`, { cause });
  }
}
