// The program's version, for --version.
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const packageFormat = z.object({ version: z.string() });

/** The version in package.json. */
export const VERSION: string = packageFormat.parse(
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')),
).version;
