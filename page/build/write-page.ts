// Writes the page into a file; run by scripts/generate-page.
import { writeFile } from 'node:fs/promises';
import { buildPage } from './build-page.ts';

const file = process.argv[2];
if (file === undefined) throw new Error('usage: write-page.ts <file>');
await writeFile(file, await buildPage());
