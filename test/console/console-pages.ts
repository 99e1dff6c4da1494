// Every page of the console, and how one comes to it: for whoever looks at all of them.
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import type { OpenedConsole } from './opened-console.ts';
import { SHOWN_JOBS, type ShownFederation } from './shown-federation.ts';

export interface ConsolePage {
  /** Of its picture's file. */
  readonly name: string;
  readonly open: (opened: OpenedConsole, shown: ShownFederation) => Promise<void>;
  /** True if it is as large as the window: what is before the rest of a page. */
  readonly isWindow?: boolean;
}

const at = (name: string, address: string, heading: string, isThere: (page: Page) => Promise<void>) => ({
  name,
  async open(opened: OpenedConsole) {
    await opened.go(address, heading);
    await isThere(opened.page);
  },
});

const text = (what: string | RegExp) => (page: Page) => page.getByText(what).first().waitFor();
const part = (selector: string) => (page: Page) => page.locator(selector).first().waitFor();
const { finished, running, joining, failed } = SHOWN_JOBS;

/** Of a federation that was filled; whoever opens them is signed in. */
export const CONSOLE_PAGES: readonly ConsolePage[] = [
  at('overview', '/', 'Overview', part('.attention li')),
  at('jobs', '/jobs', 'Jobs', part('tbody tr')),
  at('job-progress', `/jobs/${finished}`, finished, part('.chart canvas')),
  at('job-running', `/jobs/${running}`, running, part('.chart canvas')),
  at('job-joining', `/jobs/${joining}`, joining, text('No consent yet')),
  at('job-failed', `/jobs/${failed}`, failed, part('[data-state=failed]')),
  at('job-privacy', `/jobs/${finished}/privacy`, finished, text('The coordinator reads no update')),
  at('job-settings', `/jobs/${finished}/settings`, finished, part('.settings')),
  { name: 'job-cancel', open: askToCancel, isWindow: true },
  at('sites', '/sites', 'Sites', part('tbody tr')),
  at('site', '/sites/hospital-a', 'hospital-a', text('Contributed')),
  at('submit-empty', '/submit', 'Submit a job', part('#job-text')),
  { name: 'submit-wrong', open: (opened, shown) => write(opened, shown, 'epochs: -2') },
  { name: 'submit-right', open: (opened, shown) => write(opened, shown, 'epochs: 2') },
  at('audit', '/audit', 'Audit', part('[data-verdict]')),
  at('trail', '/audit/trail', 'Audit trail', part('.trail tbody tr')),
  at('unknown', '/nothing', 'No such page', async () => {}),
];

async function askToCancel(opened: OpenedConsole): Promise<void> {
  await opened.go(`/jobs/${running}`, running);
  await opened.page.getByRole('button', { name: 'Cancel job' }).click();
  await opened.page.getByRole('dialog').waitFor();
}

async function write(opened: OpenedConsole, shown: ShownFederation, epochs: string): Promise<void> {
  await opened.go('/submit', 'Submit a job');
  const { page } = opened;
  const area = page.locator('#job-text');
  const written = await readFile(shown.federation.layout.jobFile, 'utf8');
  await area.fill(written.replace(/^job: .*$/m, 'job: another-job').replace('epochs: 2', epochs));
  await page
    .getByText(/things? (is|are) wrong|Sites could take part/)
    .first()
    .waitFor();
  // What is told of the setting at the cursor belongs to the page.
  await area.evaluate(putCursor, 'clipNorm');
  await area.press('ArrowRight');
  await page.getByRole('heading', { level: 1 }).focus();
}

interface TextField {
  readonly value: string;
  readonly setSelectionRange: (start: number, end: number) => void;
}

/** In the page: before the second letter of a word. */
export function putCursor(element: unknown, word: string): void {
  const field = element as TextField;
  const place = field.value.indexOf(word) + 1;
  field.setSelectionRange(place, place);
}
