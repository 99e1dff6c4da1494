// Reads a YAML file that people wrote: every mistake is refused with its line.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { LineCounter, Parser, parseDocument, type CST, type Document } from 'yaml';
import { Refusal } from '../src/refusal.ts';

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
  refuseDeepNesting(text, file);
  const lineCounter = new LineCounter();
  // A file may have thousands of errors, and making each one pretty takes longer than finding it.
  const document = parseDocument(text, { prettyErrors: false, stringKeys: true, lineCounter });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem === undefined) return toPlainValue(document, file);
  throw new Refusal('CONFIG_INVALID', `${toPlace(file, lineCounter, problem.pos[0])}: ${problem.message}`);
}

function refuseDeepNesting(text: string, file: string): void {
  const lines = new LineCounter();
  for (const document of new Parser(lines.addNewLine).parse(text)) {
    if (document.type !== 'document') continue;
    const deep = findDeeper(document.value, MAX_NESTING);
    if (deep === undefined) continue;
    const place = toPlace(file, lines, deep.offset);
    throw new Refusal('CONFIG_INVALID', `${place}: more than ${MAX_NESTING} levels of nesting`);
  }
}

function toPlace(file: string, lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `${file}:${line}:${col}`;
}

/** The first token found below so many collections, if there is one. Keeps its own stack: the input decides how deep it goes. */
function findDeeper(root: CST.Token | undefined, levels: number): CST.Token | undefined {
  const open: [token: CST.Token | null | undefined, level: number][] = [[root, 0]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [token, level] = next;
    if (!token) continue;
    if (level > levels) return token;
    if (!('items' in token)) continue;
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
    const { code } = cause as NodeJS.ErrnoException;
    throw new Refusal('CONFIG_INVALID', `${path}: cannot be read (${code ?? 'unknown error'})`, { cause });
  }
}
