// The local page: the view of a site as HTML. It works without a script; the script only looks again now and then.
import { readFile } from 'node:fs/promises';
import type { SiteView } from '../view/site-view.ts';
import { html, type Html } from './html.ts';
import { renderJobs, renderNow } from './render-jobs.ts';
import { renderFacts, renderDisk, renderPrivacy } from './render-machine.ts';
import { renderSent } from './render-sent.ts';
import { toTimeText } from '../view/quantities.ts';

export function renderPage(view: SiteView): string {
  const { site, federation, attention, atMs } = view;
  const body = html`<header>
      <p class="brand">Blindsum</p>
      <h1>${site}</h1>
      <p class="lede">
        of ${federation} · what was asked of the rows here, what was approved, and what left this machine
      </p>
    </header>
    <main>
      ${renderAttention(attention)} ${renderFacts(view)} ${renderNow(view)} ${renderJobs(view)}
      ${renderSent(view)} ${renderPrivacy(view)} ${renderDisk(view)}
      <p class="foot">
        As of <time>${toTimeText(atMs)}</time>, from this site’s own files. <span id="live"></span>
        <a href="">Look again</a> · <a href="view.json">the same as JSON</a>
      </p>
    </main>`;
  return toDocument(`${site} · Blindsum`, body, html`<script src="page.js" defer></script>`);
}

/** For who has no pass, or an old one. Says nothing about the site. */
export function renderLockedPage(): string {
  return html`<!doctype html>
    <html lang="en">
      <meta charset="utf-8" />
      <title>Blindsum</title>
      <p>This address is not good any more: each one opens the page once, and for twelve hours.</p>
      <p>Ask for another: <code>blindsum-site status --page</code></p>
    </html>`.text;
}

function toDocument(title: string, body: Html, script: Html): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="page.css" />
        <link rel="stylesheet" href="sections.css" />
        ${script}
      </head>
      <body>
        ${body}
      </body>
    </html>`.text;
}

const LEVELS = { alarm: 'Alarm', decision: 'Your decision', note: 'Note' } as const;

function renderAttention(attention: SiteView['attention']): Html {
  if (attention.length === 0)
    return html`<section class="quiet"><p class="headline">Nothing needs you</p></section>`;
  const items = attention.map(
    ({ level, what, command }) =>
      html`<li class="${level}">
        <span class="level">${LEVELS[level]}</span>
        <p>${what}</p>
        ${command !== '' && html`<code>${command}</code>`}
      </li>`,
  );
  return html`<section class="attention">
    <h2>Needs you</h2>
    <ul>
      ${items}
    </ul>
  </section>`;
}

const cache = new Map<string, Buffer>();

/** A file beside this one, which never changes while the program runs. */
export async function readAsset(name: string): Promise<Buffer> {
  const cached = cache.get(name) ?? (await readFile(new URL(`./assets/${name}`, import.meta.url)));
  cache.set(name, cached);
  return cached;
}
