// What axe-core finds wrong with a page. It runs from outside the page: the page's own policy lets no other script in.
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';

/** WCAG 2.1 A and AA, and what is good practice beyond it. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'];
const SOURCE = new URL('../../node_modules/axe-core/axe.min.js', import.meta.url);

interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

interface Axe {
  run(
    options: object,
  ): Promise<{ readonly violations: readonly Violation[]; readonly passes: readonly unknown[] }>;
}

let source: Promise<string> | undefined;

/** One line for each rule that an element of the page breaks; throws an Error where hardly any rule found something to look at. */
export async function findViolations(page: Page): Promise<string[]> {
  await page.evaluate(await (source ??= readFile(SOURCE, 'utf8')));
  const { violations, passes } = await page.evaluate(
    async ({ rules }) => {
      const { axe } = globalThis as unknown as { axe: Axe };
      const found = await axe.run({ runOnly: { type: 'tag', values: rules } });
      return { violations: found.violations, passes: found.passes.length };
    },
    { rules: RULES },
  );
  if (passes < LEAST_PASSES) throw new Error(`only ${passes} rules found something on ${page.url()}`);
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html} ${failureSummary ?? ''}`),
  );
}

/** Of a page of any content: language, title, landmarks, headings, contrast and more. */
const LEAST_PASSES = 10;
