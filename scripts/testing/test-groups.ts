// Test files that share a process: each new one loads half of the program again, which takes longer than most files do.
import { pathToFileURL } from 'node:url';

/** More in one process would leave the other cores without work at the end. */
const MOST_FILES = 16;

export interface TestGroup {
  /** Of a part of the tree, and which of its groups it is: coordinator-src-2. */
  readonly name: string;
  /** Paths from the root of the repository. */
  readonly files: readonly string[];
}

/** The files of one part of the tree together, in order; each file once. */
export function toTestGroups(files: readonly string[]): TestGroup[] {
  const byPart = Map.groupBy(files.toSorted(), partOf);
  return [...byPart].flatMap(([part, own]) =>
    Array.from({ length: Math.ceil(own.length / MOST_FILES) }, (_, i) => ({
      name: `${part.replaceAll('/', '-')}-${i + 1}`,
      files: own.slice(i * MOST_FILES, (i + 1) * MOST_FILES),
    })),
  );
}

/** coordinator/src of coordinator/src/log/sequencer.test.ts. */
function partOf(file: string): string {
  return file.split('/').slice(0, -1).slice(0, 2).join('/');
}

const PREAMBLE = `import { suite } from 'node:test';

// One after the other: what two files import and wait for would give the tests of both to the suite that asked for it first.
async function add(name, load) {
  let loading;
  suite(name, () => (loading = load()));
  await loading.catch(() => {});
}

`;

/** A module that has the tests of each file in a suite of its name: hooks of the file are hooks of that suite. */
export function toGroupModule(root: string, { files }: TestGroup): string {
  const suites = files.map((file) => {
    const address = pathToFileURL(`${root}/${file}`).href;
    return `await add(${JSON.stringify(file)}, () => import(${JSON.stringify(address)}));\n`;
  });
  return PREAMBLE + suites.join('');
}
