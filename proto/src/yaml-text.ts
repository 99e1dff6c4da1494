// Reads YAML that people wrote, in the same way at the coordinator, at sites and in the console: one set of values, one set of mistakes.
import { Composer, Parser, type CST, type Document } from 'yaml';

/**
 * Collections inside one another, far beyond any file of ours. Composing a document recurses at each level, and reports each one that
 * stays open: a few kilobytes of brackets would take a tenth of a second, a few more the stack. Reading its tokens does neither.
 */
const MAX_NESTING = 64;

/** The core schema whatever a text says of its version, and no tags but those of that schema: a value is read in one way. */
const OPTIONS = { stringKeys: true, schema: 'core', resolveKnownTags: false, prettyErrors: false } as const;

export interface YamlProblem {
  /** Place in the text; undefined for what has none. */
  readonly offset: number | undefined;
  readonly message: string;
}

export interface YamlText {
  /** The plain value; undefined unless there is no problem. An empty text is null. */
  readonly value: unknown;
  readonly problems: readonly YamlProblem[];
  /** The tree, with the ranges of its parts; null for an empty text and for one that was not looked into. */
  readonly root: Document.Parsed['contents'];
}

/** Never throws: what is wrong is among the problems, the one to mend first before the others. */
export function readYaml(text: string, onNewLine?: (offset: number) => void): YamlText {
  const tokens = [...new Parser(onNewLine).parse(text)];
  const deep = findDeeper(tokens, MAX_NESTING);
  if (deep) {
    const message = `more than ${MAX_NESTING} levels of nesting`;
    return { value: undefined, problems: [{ offset: deep.offset, message }], root: null };
  }
  const [document, next] = new Composer(OPTIONS).compose(tokens, true, text.length);
  return toYamlText(document!, next);
}

function toYamlText(document: Document.Parsed, next: Document.Parsed | undefined): YamlText {
  const root = document.contents;
  const problems: YamlProblem[] = [...document.errors, ...document.warnings].map(({ pos, message }) => ({
    offset: pos[0],
    message,
  }));
  if (next) problems.push({ offset: next.range[0], message: 'a second document' });
  if (problems.length > 0) return { value: undefined, problems, root };
  try {
    return { value: document.toJS() as unknown, problems, root };
  } catch (error) {
    // An alias may name nothing, or too much.
    return { value: undefined, problems: [{ offset: undefined, message: (error as Error).message }], root };
  }
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
