// The verification page and a site's own page, as axe-core sees them: light and dark, on a desk and on a phone.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { createLocalServer, listenLocally } from '../../participant/src/http/local-server.ts';
import { createPageAddress, createPageSecret, writePageFile } from '../../participant/src/http/page-file.ts';
import { composeSiteView } from '../../participant/src/view/compose-site-view.ts';
import { sampleSources } from '../../participant/src/view/site-view.fixture.ts';
import { findViolations } from './accessibility.ts';
import { browserSkip, launchBrowser, OpenedPage } from './opened-page.ts';
import * as sample from './sample-files.ts';

const VERIFICATION = new URL('../../page/verify.html', import.meta.url).href;
const LOOKS = [
  { colorScheme: 'light', width: 1280 },
  { colorScheme: 'dark', width: 390 },
] as const;
type Look = (typeof LOOKS)[number];

const titleOf = ({ colorScheme, width }: Look): string => `${colorScheme}, ${width} pixels`;

async function dress(page: Page, { colorScheme, width }: Look): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize({ width, height: 900 });
}

describe('pages that everybody can use', { skip: browserSkip, timeout: 120_000 }, () => {
  let browser: Browser;
  before(async () => void (browser = await launchBrowser()));
  after(() => browser.close());

  for (const look of LOOKS)
    test(`the verification page, empty, with a good round and with a bad one: ${titleOf(look)}`, async () => {
      const opened = await OpenedPage.open(browser, VERIFICATION);
      await dress(opened.page, look);
      assert.deepEqual(await findViolations(opened.page), []);
      await opened.type('log-key', sample.VKEY);
      await opened.choose(sample.roundBundle, sample.rosterRecord, sample.model);
      await opened.headline('Verified');
      assert.deepEqual(await findViolations(opened.page), []);
      await opened.page.getByRole('button', { name: `Remove ${sample.model.name}` }).click();
      await opened.choose(sample.otherModel);
      await opened.page.locator('[data-status=failed]').first().waitFor();
      assert.deepEqual(await findViolations(opened.page), []);
      await opened.close();
    });

  for (const look of LOOKS)
    test(`the page of a site: ${titleOf(look)}`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'blindsum-site-page-'));
      const secret = createPageSecret();
      const app = await createLocalServer({
        secret,
        readView: async () => composeSiteView(sampleSources()),
        nowMs: () => Date.now(),
        failed: (error) => assert.fail(String(error)),
      });
      writePageFile(folder, { port: await listenLocally(app, 0), secret });
      const page = await browser.newPage();
      try {
        await dress(page, look);
        await page.goto(createPageAddress(folder, Date.now()));
        await page.locator('h1', { hasText: 'hospital-a' }).waitFor();
        for (const summary of await page.locator('summary').all()) await summary.click();
        assert.deepEqual(await findViolations(page), []);
      } finally {
        await page.close();
        await app.close();
        await rm(folder, { recursive: true });
      }
    });
});
