// What the parsers complain of, place by place. They say it in one line for terminals: `waits.openSeconds: is missing; rounds: …`.
import type { Refusal } from '@blindsum/proto';

export interface JobProblem {
  /** Place in the document; empty for the whole of it. */
  readonly path: readonly string[];
  readonly message: string;
  readonly code: string;
}

const PLACE = /^(document|[A-Za-z][A-Za-z0-9]*(?:\.[A-Za-z0-9_]+)*): (.*)$/s;

export function parseProblems({ code, detail }: Pick<Refusal, 'code' | 'detail'>): JobProblem[] {
  const isOfData = detail.startsWith('data schema: ');
  const text = isOfData ? detail.slice('data schema: '.length) : detail;
  const problems: JobProblem[] = [];
  for (const part of text.split('; ')) {
    const found = PLACE.exec(part);
    const last = problems.at(-1);
    // A message may hold "; " itself: what names no place belongs to what is before it.
    if (!found && last) problems[problems.length - 1] = { ...last, message: `${last.message}; ${part}` };
    else problems.push(toProblem(found, part, { code, isOfData }));
  }
  return problems.flatMap(withUnknownKeys);
}

function toProblem(
  found: RegExpExecArray | null,
  part: string,
  { code, isOfData }: { readonly code: string; readonly isOfData: boolean },
): JobProblem {
  const [, place = '', message = part] = found ?? [];
  const path = place === '' || place === 'document' ? [] : place.split('.');
  return { path: isOfData ? ['data', ...path] : path, message, code };
}

/** An unknown key is at its own place, not at that of what holds it. */
function withUnknownKeys(problem: JobProblem): JobProblem[] {
  const names = /^unknown keys?: (.*)$/.exec(problem.message)?.[1];
  if (names === undefined) return [problem];
  return [...names.matchAll(/"([^"]*)"/g)].map(([, name = '']) => ({
    ...problem,
    path: [...problem.path, name],
    message: 'is no setting: the name is misspelt, or it belongs elsewhere',
  }));
}
