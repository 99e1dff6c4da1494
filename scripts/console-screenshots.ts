// Pictures of every page of the console, in every look: scripts/console-screenshots.
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { CONSOLE_PAGES } from '../test/console/console-pages.ts';
import { OpenedConsole, type Scheme } from '../test/console/opened-console.ts';
import {
  fillFederation,
  finishFirstJob,
  openShownFederation,
  type ShownFederation,
} from '../test/console/shown-federation.ts';
import { browserSkip, launchBrowser } from '../test/page/opened-page.ts';

const SCHEMES: readonly Scheme[] = ['light', 'dark'];
const SIZES = [
  { width: 1280, height: 900 },
  { width: 1024, height: 768 },
  { width: 390, height: 844 },
];
const ROUNDS = 6;

const folder = resolve(process.argv[2] ?? 'out/console');
if (browserSkip !== false) throw new Error(browserSkip);
await mkdir(folder, { recursive: true });
const shown = await openShownFederation(ROUNDS);
try {
  await finishFirstJob(shown);
  await fillFederation(shown);
  await takePictures();
} finally {
  await shown.federation.remove();
}
process.stdout.write(`${folder}\n`);

interface Look {
  readonly scheme: Scheme;
  readonly width: number;
  readonly height: number;
}

async function takePictures(): Promise<void> {
  const browser = await launchBrowser();
  try {
    for (const scheme of SCHEMES)
      for (const size of SIZES) await takeAll(browser, shown, { scheme, ...size });
  } finally {
    await browser.close();
  }
}

async function takeAll(within: Browser, federation: ShownFederation, look: Look): Promise<void> {
  const opened = await OpenedConsole.open(within, federation.url, look);
  const { page } = opened;
  const take = async (name: string, fullPage: boolean) => {
    const path = join(folder, `${name}-${look.scheme}-${look.width}.png`);
    await page.screenshot({ path, fullPage });
  };
  await page.getByLabel('API key').waitFor();
  await take('sign-in', true);
  await opened.signIn(federation.key);
  for (const { name, open, isWindow = false } of CONSOLE_PAGES) {
    await open(opened, federation);
    await take(name, !isWindow);
  }
  await opened.close();
}
