// The verification page in a real browser: from a file and from the coordinator, in order and with everything that can be wrong.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { encodeBundle } from '@blindsum/proto/provenance';
import { startTestCoordinator, type TestCoordinator } from '../../coordinator/src/federation.fixture.ts';
import { browserSkip, launchBrowser, OpenedPage } from './opened-page.ts';
import * as sample from './sample-files.ts';

const FILE = new URL('../../page/verify.html', import.meta.url);
const { entry } = sample.round.bundle;

describe('the verification page', { skip: browserSkip }, () => {
  let browser: Browser;
  let coordinator: TestCoordinator;
  let served: string;

  before(async () => {
    [browser, coordinator] = await Promise.all([launchBrowser(), startTestCoordinator()]);
    served = `${coordinator.running.httpUrl}/log/verify`;
  });
  after(async () => {
    await browser.close();
    await coordinator.remove();
  });

  /** Uses the page, which must have asked for nothing but itself, and complained of nothing. */
  async function use(url: string, play: (opened: OpenedPage) => Promise<void>): Promise<void> {
    const opened = await OpenedPage.open(browser, url);
    try {
      await play(opened);
      assert.deepEqual(opened.requests, [url]);
      assert.deepEqual(opened.complaints, []);
    } finally {
      await opened.close();
    }
  }

  const places = [
    ['a file', () => FILE.href],
    ['the coordinator', () => served],
  ] as const;

  for (const [place, url] of places) {
    test(`from ${place}: a good round, a release and their model are verified`, async () => {
      await use(url(), async (opened) => {
        await opened.type('log-key', sample.VKEY);
        await opened.type('record-key', sample.RECORD_KEY_PEM);
        await opened.choose(sample.roundBundle, sample.rosterRecord, sample.model, sample.policyFile);
        await opened.headline('Verified');
        assert.deepEqual(new Set(Object.values(await opened.statuses())), new Set(['passed']));
        assert.match(
          await opened.text('.verdict'),
          /Round 2 of job breast-cancer\. 3 of 3 sites contributed/,
        );
        assert.match(await opened.text('.facts'), /examples: 569/);
        await opened.page.getByRole('button', { name: `Remove ${sample.roundBundle.name}` }).click();
        await opened.choose(sample.releaseBundle);
        await opened.headline('Verified');
        assert.match(await opened.text('.verdict'), /was made public: 2 members voted for it, 2 were needed/);
        assert.deepEqual(new Set(Object.values(await opened.statuses())), new Set(['passed']));
      });
    });

    test(`from ${place}: each check that fails is seen to fail`, async () => {
      const spoilt = { ...entry, proof: entry.proof.map((hash) => hash.map((byte) => byte ^ 1)) };
      const bytes = encodeBundle({ ...sample.round.bundle, entry: spoilt });
      await use(url(), async (opened) => {
        await opened.type('log-key', sample.VKEY);
        await opened.choose({ name: 'spoilt.json', bytes }, sample.otherModel);
        await opened.headline('Not verified: 2 checks failed');
        const { inclusion, model, entry: sameEntry } = await opened.statuses();
        assert.deepEqual([inclusion, model, sameEntry], ['failed', 'failed', 'passed']);
        assert.match(await opened.text('[data-check=inclusion]'), /Failed[^]*BAD_PROOF[^]*never logged/);
        assert.match(await opened.text('#announced'), /Not verified/);
      });
    });
  }

  test('a file that cannot be read is named, with what is wrong', async () => {
    await use(FILE.href, async (opened) => {
      const bytes = sample.roundBundle.bytes.slice(0, 900);
      await opened.choose({ name: 'half.json', bytes });
      await opened.headline('Not verified: half.json cannot be read');
      assert.match(await opened.text('.file.unread'), /Bundle: not JSON\.\s+MALFORMED/);
    });
  });

  test('a file name with markup is shown as it is', async () => {
    await use(FILE.href, async (opened) => {
      const name = '<img src=x onerror=alert(1)>.bsm';
      await opened.choose({ ...sample.model, name }, sample.roundBundle);
      assert.equal(await opened.page.locator('img').count(), 0);
      assert.ok((await opened.text('[data-check=model]')).includes(name));
    });
  });

  test('keys are remembered in the address, which says that it is not to be trusted blindly', async () => {
    let remembered = '';
    await use(FILE.href, async (opened) => {
      await opened.type('log-key', sample.VKEY);
      await opened.type('record-key', sample.RECORD_KEY_HINT);
      assert.equal(await opened.page.locator('#warning').isVisible(), false);
      remembered = opened.page.url();
    });
    assert.notEqual(remembered, FILE.href);
    const opened = await OpenedPage.open(browser, remembered);
    assert.equal(await opened.page.locator('#log-key').inputValue(), sample.VKEY);
    assert.equal(await opened.page.locator('#record-key').inputValue(), sample.RECORD_KEY_HINT);
    await opened.choose(sample.roundBundle);
    await opened.headline('Verified');
    assert.match(await opened.text('#warning'), /in the address of this page/);
    await opened.close();
  });

  test('a key from a file is used, and said to come from a file', async () => {
    await use(FILE.href, async (opened) => {
      const key = { name: 'log.vkey', bytes: Buffer.from(`${sample.VKEY}\n`) };
      await opened.choose(key, sample.roundBundle);
      await opened.headline('Verified');
      assert.match(await opened.text('#warning'), /came from a file/);
    });
  });

  test('a browser without Ed25519, or without cryptography, is told so and nothing is checked', async () => {
    const withoutEd25519 = () => {
      crypto.subtle.importKey = () => Promise.reject(new Error('not supported'));
    };
    const withoutSubtle = () => {
      Object.defineProperty(crypto, 'subtle', { value: undefined });
    };
    const cases = [
      [withoutEd25519, /has no Ed25519/],
      [withoutSubtle, /over HTTPS, or opened from a file/],
    ] as const;
    for (const [prepare, reason] of cases) {
      const opened = await OpenedPage.open(browser, FILE.href, prepare);
      await opened.headline('This browser cannot check signatures');
      assert.match(await opened.text('.verdict'), reason);
      assert.equal(await opened.page.locator('#page').isVisible(), false);
      await opened.close();
    }
  });

  test('by keyboard alone the file dialog, the keys and the policy are reached in order', async () => {
    await use(FILE.href, async (opened) => {
      const reached: (string | null)[] = [];
      for (let i = 0; i < 4; i++) {
        await opened.page.keyboard.press('Tab');
        reached.push(
          await opened.page.evaluate('document.activeElement.id || document.activeElement.tagName'),
        );
      }
      assert.deepEqual(reached, ['picker', 'log-key', 'record-key', 'SUMMARY']);
    });
  });

  test('at the width of a telephone nothing is wider than the screen', async () => {
    await use(FILE.href, async (opened) => {
      await opened.page.setViewportSize({ width: 320, height: 640 });
      await opened.type('log-key', sample.VKEY);
      await opened.choose(sample.roundBundle, sample.rosterRecord, sample.model, sample.policyFile);
      await opened.headline('Verified');
      const widths = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
      assert.equal(await opened.page.evaluate(widths), 0);
    });
  });
});
