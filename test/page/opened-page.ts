// The page in a real Chromium, whose every request and complaint is kept.
import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { SampleFile } from './sample-files.ts';

const CHROMIUM = '/usr/bin/chromium';
const TIMEOUT_MS = 60_000;

/** Why the tests in a browser are skipped; false when they are not. */
export const browserSkip = existsSync(CHROMIUM) ? false : `no ${CHROMIUM}: install Debian's package chromium`;

export function launchBrowser(): Promise<Browser> {
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];
  return chromium.launch({ executablePath: CHROMIUM, args: [...args, ...quiet] });
}

/** The verification page at an address, as somebody uses it. */
export class OpenedPage {
  readonly page: Page;
  readonly requests: string[] = [];
  readonly complaints: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(TIMEOUT_MS);
    page.on('request', (request) => this.requests.push(request.url()));
    page.on('console', (message) => this.complaints.push(message.text()));
    page.on('pageerror', (error) => this.complaints.push(error.message));
  }

  /** `prepare` runs in the page before its own script. */
  static async open(browser: Browser, url: string, prepare?: () => void): Promise<OpenedPage> {
    const opened = new OpenedPage(await browser.newPage({ ignoreHTTPSErrors: true }));
    if (prepare) await opened.page.addInitScript(prepare);
    await opened.page.goto(url);
    await opened.page.locator('#loading').waitFor({ state: 'detached' });
    return opened;
  }

  async choose(...files: readonly SampleFile[]): Promise<void> {
    const mimeType = 'application/octet-stream';
    const payloads = files.map(({ name, bytes }) => ({ name, mimeType, buffer: Buffer.from(bytes) }));
    await this.page.locator('#picker').setInputFiles(payloads);
    for (const { name } of files) await this.page.locator('#files strong', { hasText: name }).waitFor();
  }

  async type(field: 'log-key' | 'record-key', text: string): Promise<void> {
    await this.page.locator(`#${field}`).fill(text);
  }

  /** Waits for a headline that is this, to the letter. */
  async headline(text: string): Promise<void> {
    // A text alone would be looked for in any case: "Verified" is in "Not verified".
    await this.page
      .locator('.headline', { hasText: new RegExp(`^${text.replaceAll('.', '\\.')}$`) })
      .waitFor();
  }

  /** Status by check. */
  async statuses(): Promise<Record<string, string>> {
    const checks = await this.page.locator('.check').all();
    const pairs = checks.map(async (check) => [
      await check.getAttribute('data-check'),
      await check.getAttribute('data-status'),
    ]);
    return Object.fromEntries(await Promise.all(pairs)) as Record<string, string>;
  }

  text(selector: string): Promise<string> {
    return this.page.locator(selector).first().innerText();
  }

  close(): Promise<void> {
    return this.page.close();
  }
}
