// Writes the console into a folder; run by scripts/generate-console.
import { resolve } from 'node:path';
import { buildConsole } from './build-console.ts';

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: write-console.ts <folder>');
await buildConsole(resolve(folder));
