// Writes the tables of commands into docs/commands.md.
import { readFile, writeFile } from 'node:fs/promises';
import { withCommandTables } from './command-tables.ts';

const page = new URL('../docs/commands.md', import.meta.url);
await writeFile(page, withCommandTables(await readFile(page, 'utf8')));
