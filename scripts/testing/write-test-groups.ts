// Writes modules of which each runs the tests of several files, and prints their paths:
// scripts/launch scripts/testing/write-test-groups.ts <folder> <pattern...>
import { globSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toGroupModule, toTestGroups } from './test-groups.ts';

const ROOT = join(import.meta.dirname, '../..');
const [folder = '', ...patterns] = process.argv.slice(2);

await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
for (const group of toTestGroups(globSync(patterns, { cwd: ROOT }))) {
  const path = join(folder, `${group.name}.test.mjs`);
  await writeFile(path, toGroupModule(ROOT, group));
  process.stdout.write(`${path}\n`);
}
