// Builds the page: one file with its style and its script inside, and a policy that allows these two and nothing else.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';

const SOURCE = new URL('../src/', import.meta.url);
/** As the page names them. */
const STYLE_FILES = ['page.css', 'report.css'];
// Browsers that have Ed25519 in their Web Cryptography have all of this.
const TARGET = 'es2022';

/** The page, the same for the same sources. */
export async function buildPage(): Promise<string> {
  const [template, style, script] = await Promise.all([
    readFile(new URL('page.html', SOURCE), 'utf8'),
    buildStyle(),
    buildScript(),
  ]);
  const parts = [
    [
      'http-equiv="Content-Security-Policy" content=""',
      `http-equiv="Content-Security-Policy" content="${toPolicy(script, style)}"`,
    ],
    [
      STYLE_FILES.map((file) => `<link rel="stylesheet" href="${file}" />`).join('\n    '),
      `<style>${style}</style>`,
    ],
    ['<script src="main.ts"></script>', `<script>${script}</script>`],
  ] as const;
  return parts.reduce((page, [place, part]) => fill(page, place, part), template);
}

function fill(page: string, place: string, part: string): string {
  const [before, after, ...more] = page.split(place);
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(`page.html has not one ${place}`);
  return `${before}${part}${after}`;
}

/** The script of an entry, minified, with the page's own reader of schemas in zod's place. */
export async function buildScript(
  entry = new URL('main.ts', SOURCE),
  format: 'iife' | 'esm' = 'iife',
): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(entry)],
    alias: { zod: fileURLToPath(new URL('small-schema.ts', SOURCE)) },
    absWorkingDir: fileURLToPath(SOURCE),
    bundle: true,
    minify: true,
    format,
    target: TARGET,
    platform: 'browser',
    charset: 'ascii',
    legalComments: 'none',
    write: false,
  });
  const script = outputFiles[0]?.text.trim() ?? '';
  // It would end the element that the script is in.
  if (/<\/script|<!--/i.test(script)) throw new Error('the script cannot be written into a page');
  return script;
}

async function buildStyle(): Promise<string> {
  const files = await Promise.all(STYLE_FILES.map((file) => readFile(new URL(file, SOURCE), 'utf8')));
  const { code } = await transform(files.join('\n'), { loader: 'css', minify: true, charset: 'ascii' });
  return code.trim();
}

/** Nothing is loaded, sent, embedded or submitted; the script and the style are those of these hashes. */
function toPolicy(script: string, style: string): string {
  return [
    "default-src 'none'",
    `script-src ${toSource(script)}`,
    `style-src ${toSource(style)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function toSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
