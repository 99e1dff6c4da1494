// The console without a mouse: every step is a key, and where the focus is can always be seen.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { answerOf } from '@blindsum/admin-client';
import { adoptRoster } from '../../coordinator/src/adoption.fixture.ts';
import {
  admitTestSite,
  startTestCoordinator,
  type TestCoordinator,
} from '../../coordinator/src/federation.fixture.ts';
import { submitTestJob } from '../../coordinator/src/submitted-job.fixture.ts';
import { browserSkip, launchBrowser } from '../page/opened-page.ts';
import { OpenedConsole } from './opened-console.ts';

const TIMEOUT_MS = 120_000;
/** More stops than a page has. */
const MOST_STOPS = 80;

interface Focused {
  readonly name: string;
  readonly isSeen: boolean;
}

/** In the page: what has the focus, and whether it is outlined. */
function lookAtFocus(): Focused {
  const { document, getComputedStyle } = globalThis as unknown as {
    document: { activeElement: { textContent: string; id: string; innerText?: string } };
    getComputedStyle: (element: unknown) => { outlineStyle: string; outlineWidth: string };
  };
  const element = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  const isSeen = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
  return { name: (element.innerText ?? element.textContent).trim() || element.id, isSeen };
}

/** Presses Tab until something of this name has the focus; every stop on the way must be seen. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let stop = 0; stop < MOST_STOPS; stop++) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(lookAtFocus);
    assert.ok(focused.isSeen, `${focused.name} has the focus, and nobody sees it`);
    if (focused.name === name) return;
  }
  assert.fail(`Tab does not come to ${name}`);
}

describe('the console by keyboard alone', { skip: browserSkip, timeout: TIMEOUT_MS }, () => {
  let browser: Browser;
  let coordinator: TestCoordinator;
  let opened: OpenedConsole;
  let page: Page;
  let key: string;

  before(async () => {
    [browser, coordinator] = await Promise.all([launchBrowser(), startTestCoordinator()]);
    const wish = { name: 'Dana', scope: 'operator' } as const;
    ({ credential: key } = await answerOf(coordinator.admin.POST('/v1/keys', { body: wish })));
    const sites = [await admitTestSite(coordinator, 'site-a'), await admitTestSite(coordinator, 'site-b')];
    sites.push(await admitTestSite(coordinator, 'site-c'));
    await adoptRoster(coordinator, sites);
    for (const site of sites) site.close();
    await submitTestJob(coordinator.admin);
    opened = await OpenedConsole.open(browser, coordinator.running.httpUrl);
    ({ page } = opened);
  });
  after(async () => {
    await browser.close();
    await coordinator.remove();
  });

  test('one signs in: the field has the focus', async () => {
    await page.getByLabel('API key').waitFor();
    await page.keyboard.type(key);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  });

  test('the first stop skips the navigation, and the next one is in the page', async () => {
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await tabTo(page, 'Skip to the content');
    await page.keyboard.press('Enter');
    assert.equal(await page.locator('main:focus').count(), 1);
    await page.keyboard.press('Tab');
    assert.equal(await page.locator('main a:focus').count(), 1);
  });

  test('a page that is gone to has the focus at its heading, and a choice is made with the arrows', async () => {
    await page.keyboard.press('Home');
    await tabTo(page, 'test-job');
    await page.keyboard.press('Enter');
    await page.locator('h1:focus').filter({ hasText: 'test-job' }).waitFor();
    await opened.go('/jobs', 'Jobs');
    await page.getByRole('radio', { name: 'All' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.getByText('There are none.').waitFor();
    assert.equal(await page.getByRole('radio', { name: 'Ended' }).isChecked(), true);
  });

  test('the parts of a job are gone to and fro', async () => {
    await opened.go('/jobs/test-job', 'test-job');
    await tabTo(page, 'Privacy');
    await page.keyboard.press('Enter');
    await page.getByText('The coordinator reads no update').waitFor();
    // Whoever chooses a part goes on from there.
    const current = page.locator('.tabs [aria-current=page]:focus');
    assert.equal(await current.innerText(), 'Privacy');
    assert.equal(await page.title(), 'test-job · Blindsum');
  });

  test('a question holds the focus until it is answered, and gives it back', async () => {
    const cancel = page.getByRole('button', { name: 'Cancel job' });
    await cancel.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    for (let stop = 0; stop < 8; stop++) {
      await page.keyboard.press('Tab');
      // The browser's own controls are a stop as well; what lies behind the question is none.
      const isBehind = await page.evaluate(() => {
        const { document } = globalThis as unknown as {
          document: { activeElement: { matches: (selector: string) => boolean } };
        };
        return !document.activeElement.matches('body, dialog *');
      });
      assert.equal(isBehind, false);
    }
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    assert.equal(await page.locator('button:focus').innerText(), 'Cancel job');
    await page.keyboard.press('Enter');
    await page.getByLabel(/^Reason/).focus();
    await page.keyboard.type('only a trial');
    await page.keyboard.press('Enter');
    await page.locator('[data-state=cancelled]').waitFor();
  });

  test('the editor is left with Tab, and a mistake is gone to from its list', async () => {
    await opened.go('/submit', 'Submit a job');
    await tabTo(page, 'Begin with an example');
    await page.keyboard.press('Enter');
    await page.getByText('Sites could take part in this').waitFor();
    const area = page.locator('#job-text');
    await area.focus();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('\nnothing: known');
    await page.getByText('One thing is wrong').waitFor();
    const line = page.getByRole('button', { name: /^Line \d+$/ });
    await tabTo(page, await line.innerText());
    await page.keyboard.press('Enter');
    assert.equal(await page.locator('#job-text:focus').count(), 1);
    const chosen = await area.evaluate((field) => {
      const { value, selectionStart, selectionEnd } = field as unknown as {
        value: string;
        selectionStart: number;
        selectionEnd: number;
      };
      return value.slice(selectionStart, selectionEnd);
    });
    assert.equal(chosen, 'nothing: known');
    await tabTo(page, 'Choose the key file');
  });

  test('the trail is narrowed, and signing out ends it', async () => {
    await opened.go('/audit/trail', 'Audit trail');
    await page.getByRole('row').filter({ hasText: 'Cancelled a job' }).waitFor();
    await page.getByLabel('About').focus();
    await page.keyboard.type('API');
    await page.getByRole('row').filter({ hasText: 'Cancelled a job' }).waitFor({ state: 'detached' });
    await page.getByRole('row').filter({ hasText: 'Made an API key' }).first().waitFor();
    await page.getByRole('button', { name: 'Sign out' }).focus();
    await page.keyboard.press('Enter');
    await page.getByLabel('API key').waitFor();
    assert.deepEqual(opened.complaints, []);
  });
});
