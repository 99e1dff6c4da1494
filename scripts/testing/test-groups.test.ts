import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { toGroupModule, toTestGroups } from './test-groups.ts';

const folder = mkdtempSync(join(tmpdir(), 'bs-groups-'));
after(() => rmSync(folder, { recursive: true }));

test('each file is in one group, with files of its part of the tree', () => {
  const ofPart = (part: string, count: number) =>
    Array.from({ length: count }, (_, i) => `${part}/${String.fromCharCode(97 + (i % 26))}/${i}.test.ts`);
  const files = [...ofPart('proto/src', 40), ...ofPart('auditor/src', 3), 'admin-client/x.test.ts'];
  const groups = toTestGroups(files.toReversed());
  assert.deepEqual(groups.flatMap((group) => group.files).toSorted(), files.toSorted());
  assert.deepEqual(
    groups.map(({ name, files: { length } }) => [name, length]),
    [
      ['admin-client-1', 1],
      ['auditor-src-1', 3],
      ['proto-src-1', 16],
      ['proto-src-2', 16],
      ['proto-src-3', 8],
    ],
  );
});

test('the tests of a group are those of its files: hooks stay with their file, and what fails fails the group', () => {
  const file = (name: string, body: string) => {
    const imports =
      "import test, { after, before, beforeEach } from 'node:test'; import assert from 'node:assert/strict';\n";
    writeFileSync(join(folder, name), imports + body);
    return name;
  };
  file('shared.mjs', `await new Promise((resolve) => setTimeout(resolve, 20));`);
  const counted = `import './shared.mjs'; let own = 0; before(() => own++); beforeEach(() => own++);`;
  const good = ['one.test.mjs', 'two.test.mjs'].map((name) =>
    file(name, `${counted} test('${name} is alone', () => assert.equal(own, 2));`),
  );
  const bad = file(
    'three.test.mjs',
    `after(() => console.log('tidied up')); test('wrong', () => assert.ok(false));`,
  );
  const missing = 'four.test.mjs';
  const run = (files: readonly string[]) => {
    const path = join(folder, 'group.mjs');
    writeFileSync(path, toGroupModule(folder, { name: 'group', files }));
    // Without what tells a runner's child that it is one.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    return spawnSync(process.execPath, [path], { encoding: 'utf8', env });
  };
  const passed = run(good);
  assert.equal(passed.status, 0, passed.stdout);
  assert.match(passed.stdout, /one\.test\.mjs is alone[^]*two\.test\.mjs is alone[^]*tests 2\n/);
  const failed = run([...good, bad]);
  assert.equal(failed.status, 1);
  assert.match(failed.stdout, /tidied up[^]*pass 2\n[^]*fail 1\n/);
  assert.equal(run([missing]).status, 1);
});
