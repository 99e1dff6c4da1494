// The documentation of the admin API in a real Chromium, from a coordinator alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestCoordinator } from '../../coordinator/src/federation.fixture.ts';
import { browserSkip, launchBrowser } from './opened-page.ts';

test(
  'the documentation shows every route under a policy that it keeps to, and fetches nothing from elsewhere',
  { skip: browserSkip },
  async (context) => {
    const coordinator = await startTestCoordinator();
    context.after(() => coordinator.remove());
    const browser = await launchBrowser();
    context.after(() => browser.close());
    const page = await browser.newPage({ ignoreHTTPSErrors: true });
    const [requests, complaints] = [[] as string[], [] as string[]];
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    const { httpUrl } = coordinator.running;
    for (const path of ['/docs', '/docs/']) {
      await page.goto(httpUrl + path);
      await page.getByText('Submit a job as its author signed it').waitFor();
    }
    assert.deepEqual(complaints, []);
    assert.deepEqual(
      requests.filter((url) => !url.startsWith(`${httpUrl}/docs`) && !url.startsWith('data:')),
      [],
    );
    await page.goto(`${httpUrl}/docs/errors#WRONG_PHASE`);
    assert.match(await page.locator('#WRONG_PHASE + dd').innerText(), /Ask for the round.s state/);
  },
);
