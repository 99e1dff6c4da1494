// The console in a real browser, over real processes: a job is submitted, watched to its end, another is cancelled, every page can be
// used by everybody, and a site drops and comes back.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import type { Hospital } from '../fixtures/hospital.ts';
import { browserSkip, launchBrowser } from '../page/opened-page.ts';
import { findViolations } from '../page/accessibility.ts';
import { CONSOLE_PAGES, putCursor } from './console-pages.ts';
import { OpenedConsole, type Looks } from './opened-console.ts';
import { fillFederation, openShownFederation, SHOWN_JOBS, type ShownFederation } from './shown-federation.ts';

const TIMEOUT_MS = 600_000;
/** For a whole job, also on a machine that others keep busy. */
const JOB_MS = 180_000;
const ROUNDS = 2;
const JOB = SHOWN_JOBS.finished;
/** All of them in the long run. */
const LOOKS: readonly Looks[] =
  process.env['BLINDSUM_SIMULATION_RUNS'] === undefined
    ? [{ scheme: 'light', width: 390 }]
    : [
        { scheme: 'light', width: 1280 },
        { scheme: 'light', width: 390 },
        { scheme: 'dark', width: 1024 },
        { scheme: 'dark', width: 390 },
      ];

describe('the console', { skip: browserSkip, timeout: TIMEOUT_MS }, () => {
  let browser: Browser;
  let shown: ShownFederation;
  let opened: OpenedConsole;
  let away: Hospital;

  before(async () => {
    [browser, shown] = await Promise.all([launchBrowser(), openShownFederation(ROUNDS)]);
    opened = await OpenedConsole.open(browser, shown.url);
  });
  after(async () => {
    await browser.close();
    await shown.federation.remove();
  });

  test('one signs in with a key, and hears of what happens', async () => {
    await opened.signIn(shown.key);
    await opened.page.locator('[data-connection=live]').waitFor();
    await opened.page.getByRole('heading', { name: 'Needs attention' }).waitFor();
    assert.match(await opened.text('.attention'), /breast-cancer waits for consents/);
  });

  test('a job is watched from its first consent to its final model, without loading anything again', async () => {
    await opened.go(`/jobs/${JOB}`, JOB);
    const { page } = opened;
    const { hospitals } = shown.federation;
    await page.evaluate(() => ((globalThis as { isSame?: boolean }).isSame = true));
    for (const hospital of hospitals) hospital.start();
    await page.locator('[data-state=finished]').waitFor({ timeout: JOB_MS });
    await page.locator('.timeline li[data-round="3"]').waitFor();
    assert.equal(await page.locator('.timeline li').count(), 4);
    await page.locator('.chart').first().waitFor();
    assert.ok(await page.evaluate(() => (globalThis as { isSame?: boolean }).isSame));
    await Promise.all(hospitals.map((hospital) => hospital.finish()));
  });

  test('a job is written, its mistakes are named, and it is signed in the browser and submitted', async () => {
    const { page } = opened;
    const { layout } = shown.federation;
    await opened.go('/submit', 'Submit a job');
    const text = await readFile(layout.jobFile, 'utf8');
    const again = text.replace(/^job: .*$/m, 'job: second-job');
    const area = page.locator('#job-text');
    await area.fill(again.replace('epochs: 2', 'epochs: -2'));
    await page.getByText('One thing is wrong').waitFor();
    assert.match(await opened.text('#job-problems'), /Line \d+\s*training\.epochs/);
    await area.fill(again);
    await page.getByText('Sites could take part in this').waitFor();
    // Each setting is explained where the cursor is.
    await area.evaluate(putCursor, 'clipNorm');
    await area.press('ArrowRight');
    await page.getByRole('region', { name: 'At the cursor' }).getByText('strategy.clipNorm').waitFor();
    await page.getByLabel('Choose the key file').setInputFiles(layout.authorKey);
    await page.getByRole('button', { name: 'Sign and submit' }).click();
    await page.getByRole('heading', { level: 1, name: 'second-job' }).waitFor();
    await page.locator('[data-state=joining]').waitFor();
  });

  test('who did it is in the trail while one looks, and a job is cancelled with a reason', async () => {
    const { page } = opened;
    await opened.go('/audit/trail', 'Audit trail');
    await page
      .getByRole('row')
      .filter({ hasText: 'Submitted a job: second-job' })
      .getByText('Dana')
      .waitFor();
    const other = await OpenedConsole.open(browser, shown.url);
    await other.signIn(shown.key);
    await other.go('/jobs/second-job', 'second-job');
    await other.page.getByRole('button', { name: 'Cancel job' }).click();
    await other.page.getByLabel(/^Reason/).fill('only a trial');
    await other.page.getByRole('button', { name: 'Cancel the job' }).click();
    await other.page.locator('[data-state=cancelled]').waitFor();
    const row = page.getByRole('row').filter({ hasText: 'Cancelled a job: second-job' });
    await row.getByText('Done').waitFor();
    assert.deepEqual(other.complaints, []);
    await other.close();
  });

  test('what can be read by whom is told, and the log is verified', async () => {
    await opened.go(`/jobs/${JOB}/privacy`, JOB);
    await opened.page.getByText('The coordinator reads no update').waitFor();
    await opened.go('/audit', 'Audit');
    await opened.page.locator('[data-verdict=good]').waitFor();
    await opened.page.getByRole('button', { name: 'Verify again' }).click();
    await opened.page.getByText('The tree begins with the one that this browser saw before').waitFor();
    // What was seen before is no part of this log: that is the one thing it must not hide.
    await opened.page.evaluate(rememberAnotherRoot);
    await opened.page.getByRole('button', { name: 'Verify again' }).click();
    await opened.page.locator('[data-verdict=bad]').getByText('Something is wrong').waitFor();
    await opened.page.getByRole('button', { name: 'Forget what this browser remembers' }).click();
    await opened.page.locator('[data-verdict=good]').waitFor();
    await opened.go('/sites/hospital-a', 'hospital-a');
    await opened.page.getByText('Contributed').first().waitFor();
  });

  test('other jobs are added, in every state, and one of them waits for a site', async () => {
    away = await fillFederation(shown);
    await opened.go(`/jobs/${SHOWN_JOBS.running}`, SHOWN_JOBS.running);
    await opened.page.locator(`[data-site=${away.site}][data-standing=awaited]`).waitFor();
  });

  for (const look of LOOKS)
    test(`every page can be used by everybody: ${look.scheme!}, ${look.width!} pixels`, async () => {
      const looked = await OpenedConsole.open(browser, shown.url, look);
      await looked.page.getByLabel('API key').waitFor();
      const found = await findViolations(looked.page);
      await looked.signIn(shown.key);
      for (const { name, open } of CONSOLE_PAGES) {
        await open(looked, shown);
        found.push(...(await findViolations(looked.page)).map((violation) => `${name}: ${violation}`));
        assert.equal(await isWide(looked), false, `${name} is wider than the screen`);
      }
      assert.deepEqual(found, []);
      assert.deepEqual(looked.complaints, []);
      await looked.close();
    });

  test('the site that dropped is seen to, and it comes back', async () => {
    await opened.go('/sites', 'Sites');
    const row = opened.page.getByRole('row').filter({ hasText: away.site });
    await row.getByText('Offline').waitFor();
    const other = await OpenedConsole.open(browser, shown.url);
    await other.signIn(shown.key);
    await other.go(`/jobs/${SHOWN_JOBS.running}`, SHOWN_JOBS.running);
    const upload = other.page.locator(`.uploads [data-site=${away.site}]`);
    await upload.getByText('site is offline').waitFor();
    away.start();
    await row.getByText('Online').waitFor();
    // Its update comes in while one looks.
    await upload.and(other.page.locator('[data-standing=in]')).waitFor();
    await other.page.locator('[data-state=finished]').waitFor({ timeout: JOB_MS });
    assert.deepEqual(other.complaints, []);
    await other.close();
  });

  test('the browser complained of nothing', () => {
    assert.deepEqual(opened.complaints, []);
  });
});

/** In the page: as if this browser had seen a log with another root. */
function rememberAnotherRoot(): void {
  const { localStorage } = globalThis as unknown as {
    localStorage: { getItem: (key: string) => string; setItem: (key: string, value: string) => void };
  };
  const kept = JSON.parse(localStorage.getItem('blindsum.log')) as object;
  localStorage.setItem('blindsum.log', JSON.stringify({ ...kept, root: '0'.repeat(64) }));
}

/** Whether the page itself has to be moved sideways. */
function isWide({ page }: OpenedConsole): Promise<boolean> {
  return page.evaluate(() => {
    const { document } = globalThis as unknown as {
      document: { documentElement: { scrollWidth: number; clientWidth: number } };
    };
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth > clientWidth;
  });
}
