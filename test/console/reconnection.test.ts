// The coordinator stops and starts again while the console is open: the page says so, and goes on without being loaded again.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { answerOf } from '@blindsum/admin-client';
import { admitTestSite, startTestCoordinator } from '../../coordinator/src/federation.fixture.ts';
import { findFreePorts } from '../../scripts/demonstration/free-ports.ts';
import { browserSkip, launchBrowser } from '../page/opened-page.ts';
import { OpenedConsole } from './opened-console.ts';

const TIMEOUT_MS = 120_000;

describe('a console that is open', { skip: browserSkip, timeout: TIMEOUT_MS }, () => {
  let browser: Browser;
  before(async () => void (browser = await launchBrowser()));
  after(() => browser.close());

  test('tells that the coordinator is gone, and shows what is new once it is back', async () => {
    const [http = 0] = await findFreePorts(1);
    const listen = { grpc: '127.0.0.1:0', http: `127.0.0.1:${http}` };
    let coordinator = await startTestCoordinator({}, { listen });
    try {
      const wish = { name: 'Dana', scope: 'operator' } as const;
      const { credential } = await answerOf(coordinator.admin.POST('/v1/keys', { body: wish }));
      await admitTestSite(coordinator, 'site-a');
      const opened = await OpenedConsole.open(browser, coordinator.running.httpUrl);
      const { page } = opened;
      await opened.signIn(credential);
      await opened.go('/sites', 'Sites');
      await page.locator('[data-connection=live]').waitFor();
      await page.evaluate(() => ((globalThis as { isSame?: boolean }).isSame = true));
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      await admitTestSite(coordinator, 'site-0');
      await page.getByRole('row').filter({ hasText: 'site-0' }).waitFor();
      assert.deepEqual(asked, [], 'what is new comes by the stream, and is not asked for');
      await coordinator.running.stop();
      await page.locator('[data-connection=lost]').waitFor();
      assert.ok(await page.getByRole('row').filter({ hasText: 'site-a' }).isVisible());
      coordinator = await coordinator.startAnother();
      await page.locator('[data-connection=live]').waitFor();
      await admitTestSite(coordinator, 'site-b');
      await page.getByRole('row').filter({ hasText: 'site-b' }).waitFor();
      assert.ok(await page.evaluate(() => (globalThis as { isSame?: boolean }).isSame));
    } finally {
      await coordinator.remove();
    }
  });
});
