import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { startTestCoordinator } from '../../coordinator/src/federation.fixture.ts';
import { CONSOLE_PAGES, measureScripts } from '../../scripts/console-scripts.ts';

const DIST = new URL('../../console/dist/', import.meta.url);
/** Of the script that a page needs, compressed. */
const MOST_BYTES = 60_000;

test('the console is served to everybody, whole and held to its own scripts', async () => {
  const coordinator = await startTestCoordinator();
  try {
    const answer = await coordinator.get('/', {});
    assert.equal(answer.status, 200);
    const document = await answer.text();
    assert.equal(document, await readFile(new URL('index.html', DIST), 'utf8'));
    assert.equal(answer.headers.get('cache-control'), 'no-cache');
    const policy = answer.headers.get('content-security-policy')?.split('; ') ?? [];
    assert.ok(
      policy.includes("default-src 'none'") && policy.includes("script-src 'self'"),
      policy.join('; '),
    );
    assert.ok(!policy.join().includes('unsafe'));
    assert.ok(!/<script(?![^>]* src=)|\son[a-z]+=|style="/.test(document), 'nothing is inline');
    for (const [, path = ''] of document.matchAll(/(?:src|href)="\.(\/assets\/[^"]+)"/g)) {
      const asset = await coordinator.get(path, {});
      assert.equal(asset.headers.get('cache-control'), 'public, max-age=31536000, immutable', path);
      assert.equal(asset.headers.get('content-encoding'), 'gzip');
      const plain = await coordinator.get(path, { headers: { 'accept-encoding': 'identity' } });
      assert.equal(plain.headers.get('content-encoding'), null);
      assert.deepEqual(await plain.bytes(), await asset.bytes());
    }
    for (const path of ['/assets/nothing.js', '/assets/..%2findex.html', '/index.html', '/assets/'])
      assert.equal((await coordinator.get(path, {})).status, 404, path);
    const options = await (await coordinator.get('/v1/sign-in/options', {})).json();
    assert.deepEqual(options, { federation: 'test.example', openId: false, bringsSession: false });
  } finally {
    await coordinator.remove();
  }
});

test('each page needs less than 60,000 bytes of compressed script, with all that it loads later', async (t) => {
  const sizes = await measureScripts();
  t.diagnostic(JSON.stringify(sizes));
  for (const page of CONSOLE_PAGES) assert.ok(sizes[page] < MOST_BYTES, `${page}: ${sizes[page]} bytes`);
});
