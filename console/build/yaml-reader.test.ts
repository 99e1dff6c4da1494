// What the console is built with reads as the library does: the same values, the same complaints at the same places.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { after, before, test } from 'node:test';
import { build } from 'vite';
import { readYaml } from '@blindsum/proto/yaml';
import { EXAMPLE_JOB } from '../src/model/example-job.ts';
import { readYamlOnly } from './yaml-reader.ts';

const SAMPLES = new URL('../../deploy/samples/', import.meta.url);
const READER = fileURLToPath(new URL('../../proto/src/yaml-text.ts', import.meta.url));
/** As bundlers for browsers find it. */
const LIBRARY = fileURLToPath(new URL('../../node_modules/yaml/browser/index.js', import.meta.url));
/** Letters from one that is broken to the next; each of them in the long run. */
const STEP = process.env['BLINDSUM_SIMULATION_RUNS'] === undefined ? 9 : 1;

/** Each part of YAML once, right and wrong. */
const ODDITIES = [
  '',
  '# a comment\n',
  '---\n...\n',
  'a: 1\n---\nb: 2\n',
  '%YAML 1.1\n---\nyes: no\n',
  '%YAML 9.9\n---\na: 1\n',
  '%TAG !e! tag:e,2000:\n---\na: !e!x y\n',
  '%NOTHING known\n---\na: 1\n',
  'a: !!str 1\nb: !!int "2"\nc: !!float 3\nd: !!bool true\ne: !!null ~\nf: !!seq [1]\ng: !!map {h: 1}\n',
  'a: !!map [1]\nb: !!seq {c: 1}\nd: !!set {e}\nf: !!binary aGk=\ng: ! h\ni: !<tag:yaml.org,2002:str> 1\n',
  'a: !<!> b\nc: !d! e\nf: !!int g\n',
  'a: &x 1\nb: *x\nc: &y {d: *x}\ne: [*y, *y]\n',
  'a: *nobody\n',
  'a: &x [*x]\n',
  '&a a: &b b\n*b : c\n',
  '? [a]\n: b\n',
  '? a\n: b\n? c\n',
  'a: |\n  text\n   more\n\n  end\nb: >-\n  folded\n  text\n\n  end\nc: |2+\n    kept\n\n',
  'a: |\n\ttab\nb: >9\n x\n',
  `a: "x\\u00e9\\x41\\n\\\n  y"\nb: 'it''s'\nc: "\\q"\nd: plain text\n  of two lines\n`,
  'a: [1, 2,\n  3]\nb: {c: 1, d, "e": 2}\nf: [g: 1, ? h, [i, j]: 2]\n',
  'a: [1, 2\nb: 3\n',
  'a: {b: 1\n',
  'a: ]\n',
  'a: 0x1f\nb: 0o17\nc: 1e3\nd: .5\ne: -.inf\nf: .nan\ng: 1_000\nh: 0123\ni: +7\nj: 12345678901234567890\n',
  'a: ~\nb: null\nc: Null\nd: TRUE\ne: yes\nf:\n',
  '- 1\n-\n  - 2\n- a: b\n  c: d\n',
  'a:\n- b\n-c\n',
  'a: b: c\n',
  'a:\n  b: 1\n c: 2\n',
  '\ta: 1\n',
  'a: @b\nc: `d\ne: %f\n',
  '\ufeffa: 1\r\nb: 2\r\n',
  '<<: {a: 1}\nb: 2\n',
  'constructor: 1\n__proto__: {a: 1}\ntoString: 2\n',
  '[a, b]: c\n{d: e}: f\n',
  '"a": 1\n\'a\': 2\n',
  `${'['.repeat(70)}\n`,
];

let folder: string;
let built: { readonly readYaml: typeof readYaml };

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bs-yaml-'));
  await build({
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    plugins: [readYamlOnly()],
    resolve: { alias: { yaml: LIBRARY } },
    build: {
      ...{ outDir: folder, emptyOutDir: true, minify: false },
      lib: { entry: READER, formats: ['es'], fileName: 'reader' },
    },
  });
  const [name = ''] = await readdir(folder);
  built = (await import(pathToFileURL(join(folder, name)).href)) as typeof built;
});
after(() => rm(folder, { recursive: true }));

interface Placed {
  readonly range?: unknown;
  readonly value?: unknown;
  readonly key?: unknown;
  readonly items?: readonly unknown[];
}

/** The places of all parts, as an editor asks for them. */
function placesOf(node: unknown): unknown {
  if (typeof node !== 'object' || node === null) return node;
  const { range, value, key, items } = node as Placed;
  return [range, placesOf(key), placesOf(value), items?.map(placesOf)];
}

function assertSame(text: string): void {
  const [expected, found] = [readYaml(text), built.readYaml(text)];
  assert.deepEqual(found.value, expected.value, text);
  assert.deepEqual(found.problems, expected.problems, text);
  assert.deepEqual(placesOf(found.root), placesOf(expected.root), text);
}

test('every part of the language, right and wrong', () => {
  ODDITIES.forEach(assertSame);
});

test('every file of ours', async () => {
  const names = (await readdir(SAMPLES)).filter((name) => name.endsWith('.yaml'));
  assert.ok(names.length > 0);
  for (const name of names) assertSame(await readFile(new URL(name, SAMPLES), 'utf8'));
});

test('a job file with a letter gone, doubled, or one that means something in its place', () => {
  let [taken, refused] = [0, 0];
  for (let i = 0; i < EXAMPLE_JOB.length; i += STEP)
    for (const put of ['', EXAMPLE_JOB[i]!.repeat(2), ...'\n :-{]"&*!|#\t']) {
      const text = EXAMPLE_JOB.slice(0, i) + put + EXAMPLE_JOB.slice(i + 1);
      assertSame(text);
      if (readYaml(text).problems.length === 0) taken++;
      else refused++;
    }
  assert.ok(taken > 100 && refused > 100, `${taken} taken, ${refused} refused`);
});
