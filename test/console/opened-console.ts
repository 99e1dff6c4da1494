// The console in a real Chromium, as somebody uses it; every complaint of the browser is kept.
import type { Browser, BrowserContext, Page } from 'playwright-core';

const TIMEOUT_MS = 60_000;

export type Scheme = 'light' | 'dark';

export interface Looks {
  readonly scheme?: Scheme;
  readonly width?: number;
  readonly height?: number;
}

/** One browser of its own: cookies and storage are nobody else's. */
export class OpenedConsole {
  readonly page: Page;
  readonly complaints: string[] = [];
  readonly #url: string;
  readonly #context: BrowserContext;

  private constructor(url: string, context: BrowserContext, page: Page) {
    this.#url = url;
    this.#context = context;
    this.page = page;
    page.setDefaultTimeout(TIMEOUT_MS);
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(error.message));
  }

  static async open(
    browser: Browser,
    url: string,
    { scheme = 'light', width = 1280, height = 900 }: Looks = {},
  ): Promise<OpenedConsole> {
    const context = await browser.newContext({
      ignoreHTTPSErrors: true,
      colorScheme: scheme,
      viewport: { width, height },
    });
    const opened = new OpenedConsole(url, context, await context.newPage());
    await opened.page.goto(`${url}/`);
    return opened;
  }

  async signIn(key: string): Promise<void> {
    await this.page.getByLabel('API key').fill(key);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
    await this.page.getByRole('navigation', { name: 'Pages' }).waitFor();
  }

  /** Goes to an address such as `/jobs`, and waits for its heading. */
  async go(address: string, heading: string | RegExp): Promise<void> {
    await this.page.goto(`${this.#url}/#${address}`);
    await this.page.getByRole('heading', { level: 1, name: heading }).waitFor();
  }

  text(selector: string): Promise<string> {
    return this.page.locator(selector).first().innerText();
  }

  close(): Promise<void> {
    return this.#context.close();
  }
}
