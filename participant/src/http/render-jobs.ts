// Jobs on the local page: what goes on, and what was asked of the rows.
import {
  toContributionText,
  toDoingText,
  toTrainingText,
  toUseText,
  toVerdictWord,
} from '../view/job-words.ts';
import { toDurationText, toTimeText } from '../view/quantities.ts';
import type { JobView, SiteView } from '../view/site-view.ts';
import { html, type Html } from './html.ts';

export function renderNow({ jobs, atMs }: SiteView): Html {
  const current = jobs.filter(({ doing }) => doing !== null);
  return html`<section>
    <h2>Now</h2>
    ${
      current.length === 0
        ? html`<p class="soft">No job is under way.</p>`
        : html`<ul class="now">
            ${current.map((job) => renderCurrent(job, atMs))}
          </ul>`
    }
  </section>`;
}

function renderCurrent(job: JobView, nowMs: number): Html {
  const { doing } = job;
  if (doing === null) return html``;
  const { permille, sinceMs } = doing;
  const share = `${Math.floor(permille / 10)}\u00a0%`;
  return html`<li class="card">
    <h3>${job.job}</h3>
    <p class="doing">${toDoingText(job)} <span class="soft">for ${toDurationText(nowMs - sinceMs)}</span></p>
    ${
      permille > 0 &&
      html`<p class="bar">
        <progress value="${permille}" max="1000" aria-label="${doing.activity}"></progress>
        <span>${share}</span>
      </p>`
    }
    <p class="soft">
      ${[toTrainingText(job), toContributionText(job)].filter((text) => text !== '').join(' · ')}
    </p>
  </li>`;
}

export function renderJobs({ jobs }: SiteView): Html {
  return html`<section>
    <h2>Asked of the rows here, and what was decided</h2>
    ${
      jobs.length === 0
        ? html`<p class="soft">No job has been shown to this site.</p>`
        : jobs.map((job) => renderJob(job))
    }
  </section>`;
}

function renderJob(job: JobView): Html {
  const { asks, decision, end, model } = job;
  return html`<article class="card job">
    <div class="title">
      <h3>${job.job}</h3>
      <span class="verdict ${decision.verdict}">${toVerdictWord(decision)}</span>
    </div>
    ${
      asks?.description !== undefined &&
      asks.description !== '' &&
      html`<p class="description">${asks.description}</p>`
    }
    ${renderDecision(job)}
    ${asks === null ? html`<p class="soft">Its terms are not kept here.</p>` : renderAsks(asks)}
    <p class="soft">
      ${sentence(toContributionText(job))}${end !== null && ` ${sentence(end.how)} ${toTimeText(end.atMs)}.`}
    </p>
    ${renderTerms(job)}
    ${
      model !== null &&
      html`<p class="soft">Model of round ${model.round}: <code>${model.hash.slice(0, 16)}…</code></p>`
    }
  </article>`;
}

function renderDecision({ decision, withdrawnFromRound }: JobView): Html | false {
  const { by, why, atMs } = decision;
  if (by === '' && why === '' && atMs === null) return false;
  return html`<p class="decided">
    ${by !== '' && html`<strong>${by === 'policy' ? 'This site’s policy' : by}</strong>`}
    ${atMs !== null && html`<span class="soft">${toTimeText(atMs)}</span>`}
    ${withdrawnFromRound !== null && html`<span>takes no part from round ${withdrawnFromRound} on</span>`}
    ${why !== '' && html`<q>${why}</q>`}
  </p>`;
}

function renderAsks(asks: NonNullable<JobView['asks']>): Html {
  const { author, columns, label, others } = asks;
  return html`<p>${toUseText(asks)}</p>
    <ul class="chips" aria-label="columns">
      ${columns.map((column) => html`<li>${column}</li>`)}
      <li class="label">${label} <span class="soft">label</span></li>
    </ul>
    <p class="soft">
      By <strong>${author.name}</strong>${
        author.isVerified
          ? ', whose signature over these terms is good'
          : html`<strong class="bad">, whose signature over these terms is NOT good</strong>`
      }.
      With ${others.length === 0 ? 'nobody else' : others.join(', ')}.
    </p>`;
}

function renderTerms({ job, asks }: JobView): Html | false {
  if (asks === null) return false;
  const { protections, verdicts, author } = asks;
  return html`<details data-key="terms ${job}">
    <summary>Protections, and what each rule of the policy says</summary>
    <ul class="says">
      ${protections.says.map((line) => html`<li>${line}</li>`)}
    </ul>
    <table class="rules">
      ${verdicts.map(
        ({ rule, isAllowed, says }) =>
          html`<tr class="${isAllowed ? 'allowed' : 'forbidden'}">
            <th scope="row"><code>${rule}</code></th>
            <td>${isAllowed ? 'allows' : 'forbids'}</td>
            <td>${says}</td>
          </tr>`,
      )}
    </table>
    <p class="soft">Key of the author: <code>${author.fingerprint}</code></p>
  </details>`;
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}
