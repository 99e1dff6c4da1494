// Measures the console in Chromium: node_modules/.bin/node scripts/bench-console.ts [--sites 200] [--jobs 50] [--json]. First paints,
// the script that each page loads, and how long the browser is busy at a time while pages of many sites and jobs are drawn. The
// coordinator is a process of its own, on loopback; each run has a browser context of its own, with nothing in its cache.
import { parseArgs } from 'node:util';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { BenchedCoordinator } from './benched-coordinator.ts';
import { CONSOLE_PAGES, measureScripts, type ConsolePage } from './console-scripts.ts';
import {
  medianOf,
  medianTasks,
  toTasks,
  type LongTask,
  type Tasks,
  type TraceEvent,
} from './console-tasks.ts';

const CHROMIUM = '/usr/bin/chromium';
const RUNS = 5;
/** Until what a page does after it is drawn is over, with one of the seconds in which its times go on. */
const SETTLE_MS = 1500;

const LISTS = [
  ['jobs', 'Jobs'],
  ['sites', 'Sites'],
] as const;
/** What is drawn, and what is drawn again once a job's event came. */
const STEPS = [
  ...(['overview', 'overview, after an event', 'jobs', 'jobs, after an event'] as const),
  ...(['sites', 'sites, after an event'] as const),
] as const;
type Step = (typeof STEPS)[number];

interface Measurement {
  readonly sites: number;
  readonly jobs: number;
  /** Median of first contentful paints, and of when the overview was drawn. */
  readonly signInPaintMs: number;
  readonly overviewPaintMs: number;
  readonly overviewShownMs: number;
  /** Compressed; all that a page loads, also later. */
  readonly scriptBytes: Readonly<Record<ConsolePage, number>>;
  /** Medians, by what was drawn. */
  readonly tasks: Readonly<Record<Step, Tasks>>;
}

/** What the browser notes from the start of a document on. */
interface Noted {
  readonly noted: { tasks: LongTask[]; shownMs: number | undefined };
}

interface Run {
  readonly paintMs: number;
  readonly shownMs: number;
  readonly tasks: Readonly<Record<Step, Tasks>>;
}

async function main(): Promise<void> {
  const options = {
    sites: { type: 'string', default: '200' },
    jobs: { type: 'string', default: '50' },
    json: { type: 'boolean', default: false },
  } as const;
  const { values } = parseArgs({ options });
  const [sites, jobs] = [Number(values.sites), Number(values.jobs)];
  const coordinator = await BenchedCoordinator.start(sites, jobs);
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    const measured = { sites, jobs, ...(await measure(coordinator, browser)) };
    process.stdout.write(values.json ? `${JSON.stringify(measured)}\n` : describe(measured));
  } finally {
    await browser.close();
    coordinator.stop();
  }
}

async function measure(
  coordinator: BenchedCoordinator,
  browser: Browser,
): Promise<Omit<Measurement, 'sites' | 'jobs'>> {
  const { url } = coordinator.ready;
  const session = await signIn(coordinator, browser);
  const signInPaints: number[] = [];
  const runs: Run[] = [];
  for (let i = 0; i < RUNS; i++) {
    signInPaints.push(await inContext(browser, undefined, (context) => paintOfSignIn(context, url)));
    runs.push(await inContext(browser, session, (context) => run(context, coordinator)));
  }
  const steps = STEPS.map((step) => [step, medianTasks(runs.map(({ tasks }) => tasks[step]))] as const);
  return {
    signInPaintMs: medianOf(signInPaints),
    overviewPaintMs: medianOf(runs.map(({ paintMs }) => paintMs)),
    overviewShownMs: medianOf(runs.map(({ shownMs }) => shownMs)),
    scriptBytes: await measureScripts(),
    tasks: Object.fromEntries(steps) as Record<Step, Tasks>,
  };
}

type Session = Awaited<ReturnType<BrowserContext['storageState']>>;

async function signIn({ ready }: BenchedCoordinator, browser: Browser): Promise<Session> {
  return inContext(browser, undefined, async (context) => {
    const headers = { authorization: `Bearer ${ready.credential}` };
    const answer = await context.request.post(`${ready.url}/v1/session`, { headers });
    if (!answer.ok()) throw new Error(`signing in: ${answer.status()} ${await answer.text()}`);
    return context.storageState();
  });
}

async function inContext<T>(
  browser: Browser,
  storageState: Session | undefined,
  use: (context: BrowserContext) => Promise<T>,
): Promise<T> {
  const given = storageState && { storageState };
  const context = await browser.newContext({ ignoreHTTPSErrors: true, ...given });
  await context.addInitScript(noteTasks);
  try {
    return await use(context);
  } finally {
    await context.close();
  }
}

/** The browser's own, which Node's types do not know. */
interface Platform {
  noted: Noted['noted'];
  readonly document: { querySelector(selector: string): unknown };
  readonly PerformanceObserver: new (heard: (list: { getEntries(): LongTask[] }) => void) => {
    observe(what: object): void;
  };
  readonly MutationObserver: new (changed: () => void) => { observe(node: object, what: object): void };
}

/** Runs in the browser, before anything else does. */
function noteTasks(): void {
  const platform = globalThis as unknown as Platform;
  const noted: Noted['noted'] = { tasks: [], shownMs: undefined };
  platform.noted = noted;
  new platform.PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) noted.tasks.push({ startTime, duration });
  }).observe({ type: 'longtask', buffered: true });
  new platform.MutationObserver(() => {
    if (noted.shownMs === undefined && platform.document.querySelector('.attention'))
      noted.shownMs = performance.now();
  }).observe(platform.document, { childList: true, subtree: true });
}

async function paintOfSignIn(context: BrowserContext, url: string): Promise<number> {
  const page = await context.newPage();
  await page.goto(`${url}/`);
  await page.getByLabel('API key').waitFor();
  return firstPaintOf(page);
}

function firstPaintOf(page: Page): Promise<number> {
  return page.evaluate(() => {
    const [paint] = performance.getEntriesByName('first-contentful-paint');
    if (!paint) throw new Error('nothing was painted');
    return paint.startTime;
  });
}

async function run(context: BrowserContext, coordinator: BenchedCoordinator): Promise<Run> {
  const { url } = coordinator.ready;
  const page = await context.newPage();
  const open = async () => {
    await page.goto(`${url}/`);
    await page.locator('[data-connection=live]').waitFor();
  };
  const change = () => coordinator.change();
  const tasks: [Step, Tasks][] = [
    ['overview', await tasksDuring(page, open)],
    ['overview, after an event', await tasksDuring(page, change)],
  ];
  for (const [step, name] of LISTS) {
    const go = async () => {
      await page.goto(`${url}/#/${step}`);
      await page.getByRole('heading', { level: 1, name }).waitFor();
    };
    tasks.push([step, await tasksDuring(page, go)]);
    tasks.push([`${step}, after an event`, await tasksDuring(page, change)]);
  }
  const shownMs = await page.evaluate(() => (globalThis as unknown as Noted).noted.shownMs);
  if (shownMs === undefined) throw new Error('the overview was not shown');
  return { paintMs: await firstPaintOf(page), shownMs, tasks: Object.fromEntries(tasks) as Run['tasks'] };
}

/** What the page does until it has come to rest. */
async function tasksDuring(page: Page, act: () => Promise<unknown>): Promise<Tasks> {
  const browser = page.context().browser();
  if (!browser) throw new Error('the browser is gone');
  await browser.startTracing(page, { categories: ['disabled-by-default-devtools.timeline'] });
  await act();
  await page.waitForTimeout(SETTLE_MS);
  const { traceEvents } = JSON.parse(String(await browser.stopTracing())) as { traceEvents: TraceEvent[] };
  const long = await page.evaluate(() => (globalThis as unknown as Noted).noted.tasks.splice(0));
  return toTasks(long, traceEvents);
}

function describe(measured: Measurement): string {
  const { sites, jobs, signInPaintMs, overviewPaintMs, overviewShownMs, scriptBytes, tasks } = measured;
  const ms = (value: number) => `${value.toFixed(0)} ms`.padStart(7);
  const scripts = CONSOLE_PAGES.map((page) => `${page} ${(scriptBytes[page] / 1000).toFixed(1)} kB`);
  const drawn = Object.entries(tasks).map(([step, { longestMs, blockingMs, processorMs }]) => {
    const long = longestMs === 0 ? 'none of 50 ms' : `${ms(longestMs)}, ${ms(blockingMs)} blocked in all`;
    return `  ${step.padEnd(26)} longest task: ${ms(processorMs)} of processor time; by the clock ${long}`;
  });
  return [
    `console with ${sites} sites and ${jobs} jobs, in Chromium on loopback: medians of ${RUNS} fresh contexts`,
    `  first paint: sign-in ${ms(signInPaintMs)}, overview ${ms(overviewPaintMs)}, which is whole after ${ms(overviewShownMs)}`,
    `  compressed script: ${scripts.join(', ')}`,
    ...drawn,
    '',
  ].join('\n');
}

await main();
