// One self-contained HTML page about a run: nothing in it is loaded from elsewhere, so it can be mailed and kept.
import { html, Markup } from './html.ts';
import { bytesPerParameter, curveOf, problemsOf, publishedRounds, type Outcome } from './outcome.ts';
import { drawCurve } from './report-curve.ts';
import { STYLE } from './report-style.ts';
import { drawTimeline } from './report-timeline.ts';
import { percent } from './table.ts';

/** The page as text. */
export function toReport(outcome: Outcome): string {
  const { title } = outcome.dataset;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · Blindsum</title>
        <style>
          ${new Markup(STYLE)}
        </style>
      </head>
      <body>
        <main>
          ${heading(outcome)} ${verdict(outcome)} ${figures(outcome)} ${learning(outcome)}
          ${comparison(outcome)} ${timeline(outcome)} ${readers()} ${wire(outcome)} ${audit(outcome)}
          ${foot(outcome)}
        </main>
      </body>
    </html> `.text;
}

function heading({ dataset, sites, wire: { parameters } }: Outcome): Markup {
  return html`<header>
    <div class="brand">
      <svg viewBox="0 0 26 26" aria-hidden="true">
        <circle cx="5" cy="4.5" r="3.5" />
        <circle cx="5" cy="21.5" r="3.5" />
        <circle cx="3.5" cy="13" r="3.5" opacity=".55" />
        <circle cx="18" cy="13" r="7" />
      </svg>
      Blindsum <span>run report</span>
    </div>
    <h1>${dataset.title}</h1>
    <p class="lead">
      ${sites.map(({ site }) => site).join(', ')} trained one model of ${parameters} parameters together. Each
      trained on its own rows and sent updates encrypted under one-time keys; only their sum was ever opened.
    </p>
  </header>`;
}

function verdict(outcome: Outcome): Markup {
  const problems = problemsOf(outcome);
  const isGood = problems.length === 0;
  const cross = 'M9 9l10 10M19 9L9 19';
  return html`<div class="verdict ${isGood ? '' : 'bad'}">
    <svg viewBox="0 0 28 28" aria-hidden="true">
      <circle cx="14" cy="14" r="14" />
      <path
        d="${isGood ? 'M8 14.5l4 4 8-9' : cross}"
        fill="none"
        stroke="var(--card)"
        stroke-width="2.6"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
    <div>
      <b>${isGood ? 'Verified' : 'Not verified'}</b>
      <span class="quiet"
        >${isGood ? `All ${outcome.rounds.length} rounds were published, ${outcome.sites.length} sites hold the same model bit for bit, and the audit of the log passes.` : `${problems.join('; ')}.`}</span
      >
    </div>
  </div>`;
}

function figures(outcome: Outcome): Markup {
  const { federated, pooled, sites, seconds, trainingRounds } = outcome;
  const worst = Math.min(...sites.map(({ alone }) => alone.auc));
  const cards: [string, string][] = [
    [
      federated.auc.toFixed(3),
      `AUC federated; pooled rows would give ${pooled.auc.toFixed(3)}, the worst site alone ${worst.toFixed(3)}`,
    ],
    [percent(federated.accuracy), `accuracy federated; ${percent(pooled.accuracy)} with pooled rows`],
    [
      `${publishedRounds(outcome, 'training')} of ${trainingRounds}`,
      'training rounds published and recorded in the log',
    ],
    [
      `${seconds.toFixed(0)} s`,
      `for everything: ${sites.length} sites, a coordinator, baselines and the audit`,
    ],
  ];
  return html`<div class="cards">
    ${cards.map(
      ([figure, text]) =>
        html`<div class="card">
          <div class="figure">${figure}</div>
          <p>${text}</p>
        </div>`,
    )}
  </div>`;
}

function learning(outcome: Outcome): Markup {
  const { sites, pooled } = outcome;
  const levels = [
    { label: 'pooled', value: pooled.auc, style: 'pooled' },
    ...sites.map(({ site, alone }, i) => ({ label: site, value: alone.auc, style: `site-${i + 1}` })),
  ];
  return html`<section>
    <h2>Learning</h2>
    <p>
      The global model on the sites' held-out rows, from totals that were opened together; nobody saw a site's
      own numbers. Dashed: what each site reaches alone, and what pooling would give.
    </p>
    <div class="two">
      <div>
        <h3>Area under the ROC curve</h3>
        ${drawCurve({ title: 'AUC', points: trainedPoints(curveOf(outcome, 'aucMillionths')), levels, digits: 3 })}
      </div>
      <div>
        <h3>Loss (cross-entropy)</h3>
        ${drawCurve({ title: 'Loss', points: curveOf(outcome, 'lossMillionths'), levels: [], digits: 3 })}
      </div>
    </div>
  </section>`;
}

/** Without the untrained model, whose guesses would flatten all that follows. */
function trainedPoints<T>(points: readonly T[]): readonly T[] {
  return points.length > 3 ? points.slice(1) : points;
}

function comparison({ sites, federated, pooled }: Outcome): Markup {
  const rows = [
    ...sites.map(({ site, trainingRows, positives, alone }) => ({
      name: `${site} alone`,
      rows: String(trainingRows),
      positives: percent(positives),
      score: alone,
      style: '',
    })),
    { name: 'federated', rows: 'each its own', positives: '', score: federated, style: 'own' },
    {
      name: 'pooled, for comparison',
      rows: String(sites.reduce((sum, { trainingRows }) => sum + trainingRows, 0)),
      positives: '',
      score: pooled,
      style: '',
    },
  ];
  return html`<section>
    <h2>Alone, together, pooled</h2>
    <p>The same model, the same number of epochs, evaluated on the same held-out rows of all sites.</p>
    <div class="scroll">
      <table>
        <tr>
          <th>trained on</th>
          <th class="number">rows</th>
          <th class="number">positive</th>
          <th class="number">accuracy</th>
          <th class="number">AUC</th>
          <th style="width:32%"></th>
        </tr>
        ${rows.map(
          ({ name, rows: count, positives, score, style }) =>
            html`<tr class="${style}">
              <td>${name}</td>
              <td class="number">${count}</td>
              <td class="number">${positives}</td>
              <td class="number">${percent(score.accuracy)}</td>
              <td class="number">${score.auc.toFixed(4)}</td>
              <td>
                <span class="meter"
                  ><i style="width:${Math.max(0, (score.auc - 0.5) * 200).toFixed(1)}%"></i
                ></span>
              </td>
            </tr>`,
        )}
      </table>
    </div>
  </section>`;
}

function timeline(outcome: Outcome): Markup {
  return html`<section>
    <h2>Timeline</h2>
    <p>
      Every round as the coordinator saw it. Round 0 sums the columns' statistics, the last one evaluates the
      final model.
    </p>
    <div class="scroll">${drawTimeline(outcome)}</div>
  </section>`;
}

const READERS: readonly (readonly [string, string, string, string, string])[] = [
  ['rows of a site', 'yes', 'no', 'no', 'no'],
  ['update of a site, its example count, its loss', 'yes', 'no', 'no', 'no'],
  ['sum of the updates, totals of the metrics', 'yes', 'yes', 'totals of metrics', 'totals of metrics'],
  ['global model', 'yes', 'yes', 'no', 'no'],
  ['ciphertexts of the updates', 'yes', 'if it stands in for a site', 'yes', 'if archived'],
  ['record of every round, with signatures', 'yes', 'yes', 'yes', 'yes'],
];

function readers(): Markup {
  return html`<section>
    <h2>Who can read what</h2>
    <p>
      Fewer than the job's threshold of sites, together with the coordinator, learn nothing about another
      site's update but what the sum says.
    </p>
    <div class="scroll">
      <table>
        <tr>
          <th></th>
          <th>the site itself</th>
          <th>the other sites</th>
          <th>the coordinator</th>
          <th>an auditor</th>
        </tr>
        ${READERS.map(
          ([what, ...cells]) =>
            html`<tr>
              <td>${what}</td>
              ${cells.map((cell) => html`<td class="${cell === 'no' ? 'no' : 'yes'}">${cell}</td>`)}
            </tr>`,
        )}
      </table>
    </div>
  </section>`;
}

function wire(outcome: Outcome): Markup {
  const { parameters, ciphertextBytes, bits, asymptoticBytesPerParameter } = outcome.wire;
  return html`<section>
    <h2>On the wire</h2>
    <p>
      A site's update of ${parameters} parameters travelled as ${ciphertextBytes / 1024} KiB of ciphertext:
      ${bytesPerParameter(outcome).toFixed(1)} bytes a parameter, where plain float32 takes 4. Ciphertexts
      come in whole chunks of 32 KiB, one of them for counts and metrics, and a model this small leaves most
      of them empty. At ${bits} bits a large model approaches ${asymptoticBytesPerParameter.toFixed(2)} bytes
      a parameter; <code>npm run bench</code> measures it at a million.
    </p>
  </section>`;
}

function audit({ audit: steps, sites }: Outcome): Markup {
  return html`<section>
    <h2>Audit</h2>
    <p>
      Anyone with the log can repeat the first check, and anyone with the archived ciphertexts the second;
      neither needs a secret or a permission. The key of the log is the one that the sites were given.
    </p>
    ${steps.map(
      ({ command, ok, text }) =>
        html`<h3><b class="${ok ? 'no' : 'bad'}">${ok ? 'passed' : 'FAILED'}</b></h3>
          <pre><b>$ ${command}</b>
${text.trimEnd()}</pre>`,
    )}
    <h3>Model that each site holds</h3>
    <div class="scroll">
      <table>
        ${sites.map(
          ({ site, modelHash }) =>
            html`<tr>
              <td>${site}</td>
              <td><code class="hash">${modelHash || 'none'}</code></td>
            </tr>`,
        )}
      </table>
    </div>
  </section>`;
}

function foot({ dataset, sites }: Outcome): Markup {
  return html`<footer>
    Data: ${dataset.name}.csv, split unevenly by size and by label with seed ${dataset.seed} over
    ${sites.length} sites, a fifth of each held out. All processes ran on one machine; between organisations
    the network and the slowest site decide how long a round takes.
  </footer>`;
}
