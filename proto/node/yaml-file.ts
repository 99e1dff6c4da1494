// Reads a YAML file that people wrote: every mistake is refused with its line.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { LineCounter } from 'yaml';
import { Refusal } from '../src/refusal.ts';
import { readYaml } from '../src/yaml-text.ts';
import { toSystemFault } from './system-fault.ts';

/** The plain value of a YAML file; refuses CONFIG_INVALID with the file and the line of the first mistake. */
export async function loadYaml(path: string): Promise<unknown> {
  return parseYaml(await readText(path), basename(path));
}

/** The same of a text that is there; `file` is what refusals call it. */
export function parseYaml(text: string, file: string): unknown {
  const lines = new LineCounter();
  const { value, problems } = withoutStacks(() => readYaml(text, lines.addNewLine));
  const [problem] = problems;
  if (problem) {
    const place = problem.offset === undefined ? file : toPlace(file, lines, problem.offset);
    throw new Refusal('CONFIG_INVALID', `${place}: ${problem.message}`);
  }
  return value;
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

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new Refusal('CONFIG_INVALID', `${path}: cannot be read (${toSystemFault(cause)})`, { cause });
  }
}
