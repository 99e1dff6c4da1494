// Reads a YAML file that people wrote: every mistake is refused with its line.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseDocument, type Document } from 'yaml';
import { Refusal } from '../src/refusal.ts';

/** The plain value of a YAML file; refuses CONFIG_INVALID with the file and the line of the first mistake. */
export async function loadYaml(path: string): Promise<unknown> {
  return parseYaml(await readText(path), basename(path));
}

/** The same of a text that is there; `file` is what refusals call it. */
export function parseYaml(text: string, file: string): unknown {
  const document = parseDocument(text, { prettyErrors: true, stringKeys: true });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem === undefined) return toPlainValue(document, file);
  const at = problem.linePos?.[0];
  const place = at ? `${file}:${at.line}:${at.col}` : file;
  throw new Refusal('CONFIG_INVALID', `${place}: ${problem.message.split('\n')[0]}`);
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
