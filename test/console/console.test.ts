// The console in a real browser, over real processes: a job is submitted, watched to its end, another is cancelled, and a site drops
// and comes back.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { loadYaml } from '@blindsum/proto/node';
import { answerOf } from '@blindsum/admin-client';
import { connectSocket } from '../../coordinator/src/admin/admin-transport.ts';
import { openRealFederation, type RealFederation } from '../fixtures/real-federation.ts';
import { browserSkip, launchBrowser } from '../page/opened-page.ts';
import { OpenedConsole } from './opened-console.ts';

const TIMEOUT_MS = 180_000;
const JOB = 'breast-cancer';

describe('the console', { skip: browserSkip, timeout: TIMEOUT_MS }, () => {
  let browser: Browser;
  let federation: RealFederation;
  let opened: OpenedConsole;
  let key: string;

  before(async () => {
    [browser, federation] = await Promise.all([
      launchBrowser(),
      openRealFederation({ hospitals: 3, rounds: 2 }),
    ]);
    const { coordinator } = federation.layout;
    const config = (await loadYaml(join(coordinator, 'coordinator.yaml'))) as { listen: { http: string } };
    const admin = connectSocket(join(coordinator, 'admin.sock'));
    const wish = { name: 'Dana', scope: 'operator' } as const;
    ({ credential: key } = await answerOf(admin.POST('/v1/keys', { body: wish })));
    opened = await OpenedConsole.open(browser, `https://${config.listen.http}`);
  });
  after(async () => {
    await browser.close();
    await federation.remove();
  });

  test('one signs in with a key, and hears of what happens', async () => {
    await opened.signIn(key);
    await opened.page.locator('[data-connection=live]').waitFor();
    await opened.page.getByRole('heading', { name: 'Needs attention' }).waitFor();
    assert.match(await opened.text('.attention'), /breast-cancer waits for consents/);
  });

  test('a job is watched from its first consent to its final model, without loading anything again', async () => {
    await opened.go(`/jobs/${JOB}`, JOB);
    const { page } = opened;
    await page.evaluate(() => ((globalThis as { isSame?: boolean }).isSame = true));
    for (const hospital of federation.hospitals) hospital.start();
    await page.locator('[data-state=finished]').waitFor();
    await page.locator('.timeline li[data-round="3"]').waitFor();
    assert.equal(await page.locator('.timeline li').count(), 4);
    await page.locator('.chart').first().waitFor();
    assert.ok(await page.evaluate(() => (globalThis as { isSame?: boolean }).isSame));
    await Promise.all(federation.hospitals.map((hospital) => hospital.finish()));
  });

  test('a job is written, its mistakes are named, and it is signed in the browser and submitted', async () => {
    const { page } = opened;
    await opened.go('/submit', 'Submit a job');
    const text = await readFile(federation.layout.jobFile, 'utf8');
    const again = text.replace(/^job: .*$/m, 'job: second-job');
    const area = page.locator('#job-text');
    await area.fill(again.replace('epochs: 2', 'epochs: -2'));
    await page.getByText('One thing is wrong').waitFor();
    assert.match(await opened.text('#job-problems'), /Line \d+\s*training\.epochs/);
    await area.fill(again);
    await page.getByText('Sites could take part in this').waitFor();
    await page.getByLabel('Choose the key file').setInputFiles(federation.layout.authorKey);
    await page.getByRole('button', { name: 'Sign and submit' }).click();
    await page.getByRole('heading', { level: 1, name: 'second-job' }).waitFor();
    await page.locator('[data-state=joining]').waitFor();
  });

  test('a job is cancelled with a reason', async () => {
    const { page } = opened;
    await page.getByRole('button', { name: 'Cancel job' }).click();
    await page.getByLabel(/^Reason/).fill('only a trial');
    await page.getByRole('button', { name: 'Cancel the job' }).click();
    await page.locator('[data-state=cancelled]').waitFor();
  });

  test('what can be read by whom is told, and the log is verified', async () => {
    await opened.go(`/jobs/${JOB}/privacy`, JOB);
    await opened.page.getByText('The coordinator reads no update').waitFor();
    await opened.go('/audit', 'Audit');
    await opened.page.locator('[data-verdict=good]').waitFor();
    await opened.page.getByRole('button', { name: 'Verify again' }).click();
    await opened.page.getByText('The tree begins with the one that this browser saw before').waitFor();
    await opened.go('/sites/hospital-a', 'hospital-a');
    await opened.page.getByText('In the sum').first().waitFor();
  });

  test('a site drops, and comes back', async () => {
    await opened.go('/sites', 'Sites');
    const row = opened.page.getByRole('row').filter({ hasText: 'hospital-b' });
    await row.getByText('Offline').waitFor();
    federation.hospitals[1]!.start();
    await row.getByText('Online').waitFor();
    await federation.hospitals[1]!.finish();
  });

  test('the browser complained of nothing', () => {
    assert.deepEqual(opened.complaints, []);
  });
});
