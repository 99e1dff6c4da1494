// Rounds in the console that would need two hundred programs, or one that stops in the middle of a part: told by numbers and reasons,
// and by names when one asks. The coordinator is real; the documents that tell of such a round are written here.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { answerOf } from '@blindsum/admin-client';
import { adoptRoster } from '../../coordinator/src/adoption.fixture.ts';
import {
  admitTestSite,
  startTestCoordinator,
  type TestCoordinator,
} from '../../coordinator/src/federation.fixture.ts';
import { submitTestJob } from '../../coordinator/src/submitted-job.fixture.ts';
import { findViolations } from '../page/accessibility.ts';
import { browserSkip, launchBrowser } from '../page/opened-page.ts';
import { OpenedConsole } from './opened-console.ts';

const TIMEOUT_MS = 120_000;
const STARTED_MS = Date.now() - 3_600_000;
const SITES = Array.from({ length: 200 }, (_, i) => `hospital-${String(i + 1).padStart(3, '0')}`);

const ROUND = {
  ...{ job: 'test-job', round: 1, attempt: 1, kind: 'training', phase: 'published', startedMs: STARTED_MS },
  ...{ deadlineMs: null, context: '', baseModelHash: '', isCarried: false, awaited: [], failure: null },
  ...{ setRoot: null, sumRoot: null, modelHash: null, traffic: [] },
  contributors: SITES.slice(0, 150),
  leftOut: SITES.slice(150).map((site, i) => ({ site, what: i < 47 ? 'late' : 'no-consent' })),
  phases: [
    { phase: 'collecting', atMs: STARTED_MS },
    { phase: 'published', atMs: STARTED_MS + 60_000 },
  ],
};

const UNDER_WAY = {
  ...ROUND,
  ...{ phase: 'collecting', contributors: [], leftOut: [], phases: ROUND.phases.slice(0, 1) },
  awaited: ['site-a', 'site-b', 'site-c'].map((site) => ({ site, what: 'commitment' })),
};
const CHUNK_BYTES = 32 * 1024;
const upload = (site: string, ciphertextBytes: number) => ({
  ...{ site, ciphertextBytes, sharesBytes: 0, openingBytes: 0 },
});

describe('a round that is seldom seen', { skip: browserSkip, timeout: TIMEOUT_MS }, () => {
  let browser: Browser;
  let coordinator: TestCoordinator;
  let credential: string;

  before(async () => {
    [browser, coordinator] = await Promise.all([launchBrowser(), startTestCoordinator()]);
    const names = ['site-a', 'site-b', 'site-c'];
    const sites = await Promise.all(names.map((name) => admitTestSite(coordinator, name)));
    await adoptRoster(coordinator, sites);
    for (const site of sites) site.close();
    await submitTestJob(coordinator.admin);
    const wish = { name: 'Dana', scope: 'operator' } as const;
    ({ credential } = await answerOf(coordinator.admin.POST('/v1/keys', { body: wish })));
  });
  after(async () => {
    await browser.close();
    await coordinator.remove();
  });

  test('is a line for each reason, and names whom one asks for', async () => {
    const opened = await OpenedConsole.open(browser, coordinator.running.httpUrl, { width: 390 });
    const { page } = opened;
    await page.route('**/v1/jobs/test-job/rounds?*', (route) =>
      route.fulfill({ json: { rounds: [ROUND], next: null } }),
    );
    await page.route('**/v1/jobs/test-job/rounds/1', (route) => route.fulfill({ json: { attempts: [] } }));
    await opened.signIn(credential);
    await opened.go('/jobs/test-job', 'test-job');
    const lines = page.locator('.who-is-in > *');
    await lines.first().waitFor();
    assert.deepEqual(await lines.allInnerTexts(), [
      'In: 150 sites',
      'Not in: 47 sites (update too late)',
      'Not in: 3 sites (no consent to the job): hospital-198, hospital-199 and hospital-200',
    ]);
    await page.getByText('47 sites (update too late)').focus();
    await page.keyboard.press('Enter');
    await page.getByText(/hospital-151, hospital-152, .* and hospital-197$/).waitFor();
    assert.deepEqual(await findViolations(page), []);
    assert.deepEqual(opened.complaints, []);
    await opened.close();
  });

  test('an upload that has come half way is shown as such, of the length that it will have', async () => {
    const opened = await OpenedConsole.open(browser, coordinator.running.httpUrl);
    const { page } = opened;
    const attempt = {
      ...{ ...UNDER_WAY, chunks: 4 },
      uploads: [upload('site-b', CHUNK_BYTES)],
    };
    const { round, phase, awaited } = UNDER_WAY;
    const current = { round, attempt: 1, phase, sitesIn: 0, awaited, isCarried: false };
    await page.route('**/v1/jobs/test-job', async (route) => {
      const answer = await route.fetch();
      const detail = (await answer.json()) as object;
      await route.fulfill({ response: answer, json: { ...detail, state: 'running', current } });
    });
    await page.route('**/v1/jobs/test-job/rounds?*', (route) =>
      route.fulfill({ json: { rounds: [UNDER_WAY], next: null } }),
    );
    await page.route('**/v1/jobs/test-job/rounds/1', (route) =>
      route.fulfill({ json: { attempts: [attempt] } }),
    );
    await opened.signIn(credential);
    await opened.go('/jobs/test-job', 'test-job');
    await page.getByText('Updates: 1 uploading, 2 awaited.').waitFor();
    const told = page.locator('.uploads [data-site=site-b]');
    assert.match(await told.innerText(), /Uploading\s+32 KiB of 128 KiB/);
    const bar = told.getByRole('progressbar', { name: 'site-b: upload' });
    assert.equal(await bar.getAttribute('aria-valuenow'), '25');
    assert.deepEqual(opened.complaints, []);
    await opened.close();
  });
});
