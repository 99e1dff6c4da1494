// The local page of a site in a real Chromium: what it shows, that it follows, and what it asks for.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import type { Browser, Page } from 'playwright-core';
import { createLocalServer, listenLocally } from '../../participant/src/http/local-server.ts';
import { createPageAddress, createPageSecret, writePageFile } from '../../participant/src/http/page-file.ts';
import { composeSiteView } from '../../participant/src/view/compose-site-view.ts';
import { NOW_MS, sampleSources } from '../../participant/src/view/site-view.fixture.ts';
import { browserSkip, launchBrowser } from './opened-page.ts';

/** Set to a folder to look at the page oneself. */
const SHOTS = process.env['BLINDSUM_SHOTS'];

suite('the local page in a browser', { skip: browserSkip, timeout: 120_000 }, () => {
  const secret = createPageSecret();
  const state = { nowMs: NOW_MS };
  const openings: Promise<unknown>[] = [];
  let folder: string;
  let app: FastifyInstance;
  let browser: Browser;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'blindsum-site-page-'));
    app = await createLocalServer({
      secret,
      readView: async () => composeSiteView(sampleSources({ others: { nowMs: state.nowMs } })),
      nowMs: () => Date.now(),
      failed: (error) => assert.fail(String(error)),
    });
    writePageFile(folder, { port: await listenLocally(app, 0), secret });
    browser = await launchBrowser();
  });
  after(async () => {
    await Promise.all(openings);
    await browser.close();
    await app.close();
    await rm(folder, { recursive: true });
  });

  async function open(options: { colorScheme?: 'light' | 'dark'; width?: number; script?: boolean } = {}) {
    const context = await browser.newContext({
      colorScheme: options.colorScheme ?? 'light',
      viewport: { width: options.width ?? 1200, height: 900 },
      javaScriptEnabled: options.script ?? true,
    });
    const page = await context.newPage();
    const [requests, complaints]: [string[], string[]] = [[], []];
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(createPageAddress(folder, Date.now()));
    return { context, page, requests, complaints };
  }

  async function shoot(page: Page, name: string): Promise<void> {
    if (SHOTS === undefined) return;
    await mkdir(SHOTS, { recursive: true });
    await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
    await page.locator('h1').scrollIntoViewIfNeeded();
    await page.screenshot({ path: join(SHOTS, `${name}-top.png`) });
  }

  for (const colorScheme of ['light', 'dark'] as const)
    test(`it shows what was asked, approved and sent (${colorScheme})`, async () => {
      const { context, page, requests, complaints } = await open({ colorScheme });
      await page.locator('h1', { hasText: 'hospital-a' }).waitFor();
      const text = await page.locator('main').innerText();
      for (const part of [
        'sepsis-early waits for a decision of this site.',
        'round 4 of 11 (training): training',
        'ethics board 17/2026',
        'encrypted under a key made for this attempt alone',
        'No noise was added',
        'NVIDIA L4: 37\u00a0% busy',
      ])
        assert.ok(text.includes(part), part);
      assert.equal(await page.locator('.now progress').getAttribute('value'), '620');
      await page.locator('summary', { hasText: 'heart-failure, round 3' }).click();
      await shoot(page, colorScheme);
      const { origin } = new URL(page.url());
      assert.ok(requests.every((url) => url.startsWith(`${origin}/`)));
      assert.deepEqual(complaints, []);
      assert.equal((await context.cookies()).length, 0);
      await context.close();
    });

  test('what others wrote is shown as text, and none of it runs', async () => {
    const { context, page } = await open();
    const description = page.locator('.description', { hasText: 'alert' });
    assert.equal(await description.innerText(), `<script>alert('x')</script>"&`);
    assert.equal(await page.locator('main script').count(), 0);
    await context.close();
  });

  test('it follows what goes on, and leaves open what was opened', async () => {
    const { context, page } = await open();
    const details = page.locator('details', { hasText: 'heart-failure, round 2' });
    await details.locator('summary').click();
    const before = await page.locator('.foot time').innerText();
    state.nowMs += 60_000;
    await page.locator('.foot time', { hasNotText: before }).waitFor();
    assert.equal(await details.getAttribute('open'), '');
    assert.equal(await page.locator('#live').innerText(), 'Live.');
    await context.close();
  });

  test('it is all there without a script, and on a telephone nothing is cut off', async () => {
    const { context, page } = await open({ script: false, width: 390 });
    assert.match(await page.locator('main').innerText(), /No noise was added/);
    await shoot(page, 'narrow');
    const overflow = await page.locator('html').evaluate(
      // In the page; its types are not those of this program.
      (root) => (root as unknown as { scrollWidth: number; clientWidth: number }).scrollWidth - 390,
    );
    assert.ok(overflow <= 0, `${overflow} pixels`);
    await context.close();
  });
});
