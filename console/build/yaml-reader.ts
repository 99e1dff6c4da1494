// The library `yaml` without what only writes or edits documents, and with the core schema alone: half of it. What reads a text stays
// as the library has it; a test compares what is built with the library itself, on good texts and on thousands of broken ones.
import { parseSync, type Plugin } from 'vite';

const MODULE = /\/yaml\/browser\/dist\/(.+)\.js$/;

/** Modules of which reading needs less than there is, or nothing. */
const REPLACED: Readonly<Record<string, string>> = {
  'schema/tags': `
    import { schema } from './core/schema.js';
    export const coreKnownTags = {};
    export const getTags = () => schema.slice();`,
  // The core schema merges nothing.
  'schema/yaml-1.1/merge': 'export const isMergeKey = () => false, addMergeToJSMap = undefined;',
  // For keys that are no texts, which are refused.
  'stringify/stringify': 'export const createStringifyContext = undefined, stringify = undefined;',
  'stringify/stringifyNumber': 'export const stringifyNumber = undefined;',
  'doc/applyReviver': 'export const applyReviver = undefined;',
};

const OF_COLLECTIONS = ['from', 'add', 'delete', 'get', 'set', 'has', 'toString'];
const OF_TAGS = ['createNode', 'identify', 'stringify'];

/** Members of classes, and of the objects that are tags, that reading never calls. */
const LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
  'compose/composer': ['streamInfo'],
  'doc/directives': ['clone', 'tagString', 'toString'],
  'doc/Document': [
    ...[
      'clone',
      'add',
      'addIn',
      'createAlias',
      'createNode',
      'createPair',
      'delete',
      'deleteIn',
      'get',
      'getIn',
    ],
    ...['has', 'hasIn', 'set', 'setIn', 'toJSON', 'toString'],
  ],
  'nodes/Alias': ['toString'],
  'nodes/Collection': ['clone', 'addIn', 'deleteIn', 'getIn', 'hasAllNullValues', 'hasIn', 'setIn'],
  'nodes/Node': ['clone', 'toJS'],
  'nodes/Pair': ['clone', 'toString'],
  'nodes/YAMLMap': OF_COLLECTIONS,
  'nodes/YAMLSeq': OF_COLLECTIONS,
  'schema/Schema': ['clone'],
  'schema/common/map': ['createNode'],
  'schema/common/null': OF_TAGS,
  'schema/common/seq': ['createNode'],
  'schema/common/string': ['identify', 'stringify'],
  'schema/core/bool': ['identify', 'stringify'],
  'schema/core/float': ['identify', 'stringify'],
  'schema/core/int': ['identify', 'stringify'],
};

/** A plugin of Vite. The build fails where the library has no such part: it is another version, to be looked at again. */
export function readYamlOnly(): Plugin {
  return {
    name: 'read-yaml-only',
    enforce: 'pre',
    load(id) {
      const code = REPLACED[toModule(id)];
      return code === undefined ? undefined : { code, moduleSideEffects: false };
    },
    transform(code, id) {
      const module = toModule(id);
      if (module === '') return undefined;
      const cut = withoutMembers(code, module, LEFT_OUT[module] ?? []);
      // The console has no source maps.
      return { code: cut, map: null, moduleSideEffects: false };
    },
  };
}

function toModule(id: string): string {
  return MODULE.exec(id)?.[1] ?? '';
}

function withoutMembers(code: string, module: string, names: readonly string[]): string {
  if (names.length === 0) return code;
  const members = membersOf(parseSync(module, code).program, names);
  for (const name of names)
    if (!members.some((member) => member.name === name)) throw new Error(`yaml: ${module} has no ${name}`);
  // From the last to the first: what is before a cut keeps its place.
  return members
    .toSorted((a, b) => b.start - a.start)
    .reduce((text, { start, end }) => text.slice(0, start) + text.slice(end).replace(/^\s*,/, ''), code);
}

interface Member {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** Those of all classes and object literals that have one of the names; none lies within another. */
function membersOf(node: unknown, names: readonly string[]): Member[] {
  if (typeof node !== 'object' || node === null) return [];
  const { type, key, start = 0, end = 0 } = node as Partial<SyntaxNode>;
  const name = type === 'MethodDefinition' || type === 'Property' ? key?.name : undefined;
  if (name !== undefined && names.includes(name)) return [{ name, start, end }];
  return Object.values(node).flatMap((child) => membersOf(child, names));
}

/** What is looked at of a node of the syntax tree. */
interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly key: { readonly name?: string };
}
