// Builds the console: one document, its style and scripts in files whose names hold what is in them. The same for the same sources.
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { readYamlOnly } from './yaml-reader.ts';

const SOURCE = new URL('../src/', import.meta.url);
const SCHEMAS = new URL('../../page/src/small-schema.ts', import.meta.url);
// Browsers that have Ed25519 in their Web Cryptography have all of this.
const TARGET = 'es2022';

/** Empties `folder` (absolute) and builds into it. */
export async function buildConsole(folder: string): Promise<void> {
  await build({
    configFile: false,
    root: fileURLToPath(SOURCE),
    base: './',
    logLevel: 'warn',
    publicDir: false,
    plugins: [readYamlOnly()],
    // The page's reader of schemas in zod's place, which alone would be larger than the rest.
    resolve: { alias: { zod: fileURLToPath(SCHEMAS) } },
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: TARGET,
      // Small files, too, are files: the policy of the page allows no data: addresses.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
    },
  });
}
