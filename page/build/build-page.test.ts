import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { buildPage, buildScript } from './build-page.ts';

const MOST_BYTES = 40_000;
const page = await readFile(new URL('../verify.html', import.meta.url), 'utf8');

test('the committed page is what its sources are built to', async () => {
  assert.equal(await buildPage(), page);
});

test('the script has less than 40,000 bytes when compressed', async (t) => {
  const { length } = gzipSync(await buildScript(), { level: 9 });
  t.diagnostic(`${length} bytes of script, ${gzipSync(page, { level: 9 }).length} of page`);
  assert.ok(length < MOST_BYTES, `${length} bytes`);
});

test('the page holds one script and one style, and its policy allows these two and nothing else', () => {
  const inside = (tag: string) => [...page.matchAll(new RegExp(`<${tag}>([^]*?)</${tag}>`, 'g'))];
  const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const [script, style] = [inside('script'), inside('style')];
  assert.deepEqual([script.length, style.length], [1, 1]);
  const policy = /<meta http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(page)?.[1];
  assert.deepEqual(policy?.split('; '), [
    "default-src 'none'",
    `script-src ${hashOf(script[0]![1]!)}`,
    `style-src ${hashOf(style[0]![1]!)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ]);
  const loaded = [...page.matchAll(/\s(?:src|href|action)="([^"]*)"/g)].map(([, url]) => url);
  assert.deepEqual(loaded, ['data:,']);
});
