import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { startTestCoordinator } from '../../coordinator/src/federation.fixture.ts';

test('the coordinator serves the page as it is, to everybody, and lets it load and send nothing', async () => {
  const coordinator = await startTestCoordinator();
  try {
    const answer = await coordinator.get('/log/verify', {});
    assert.equal(answer.status, 200);
    assert.equal(
      await answer.text(),
      await readFile(new URL('../../page/verify.html', import.meta.url), 'utf8'),
    );
    assert.equal(answer.headers.get('content-type'), 'text/html; charset=utf-8');
    assert.equal(answer.headers.get('cache-control'), 'no-cache');
    const policy = answer.headers.get('content-security-policy') ?? '';
    const [first, script, style, ...rest] = policy.split('; ');
    assert.equal(first, "default-src 'none'");
    assert.match(`${script}; ${style}`, /^script-src 'sha256-[^ ']+'; style-src 'sha256-[^ ']+'$/);
    assert.deepEqual(rest, [
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ]);
    for (const path of ['/log/verify/', '/log/verify.html', '/log/Verify'])
      assert.equal((await coordinator.get(path, {})).status, 404, path);
  } finally {
    await coordinator.remove();
  }
});
