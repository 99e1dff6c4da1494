// What left the machine, on the local page.
import { plural, toAgoText, toBytesText, toTimeText } from '../view/quantities.ts';
import type { SiteView } from '../view/site-view.ts';
import { html, type Html } from './html.ts';

type Sent = SiteView['sent'];

export function renderSent({ sent, atMs }: SiteView): Html {
  if (sent.sinceMs === null)
    return html`<section>
      <h2>What left this machine</h2>
      <p class="soft">Nothing.</p>
    </section>`;
  return html`<section>
    <h2>What left this machine</h2>
    <p>
      <strong>${toBytesText(sent.bytes)}</strong> since ${toTimeText(sent.sinceMs)}. No row, no column and no
      readable update is among it. Each message is recorded before it leaves.
    </p>
    <div class="scroll">
      <table class="sent">
        <thead>
          <tr>
            <th scope="col">What, and in which form</th>
            <th scope="col">Who can read it</th>
            <th scope="col" class="number">How often</th>
            <th scope="col" class="number">Bytes</th>
            <th scope="col">Last</th>
          </tr>
        </thead>
        <tbody>
          ${sent.kinds.map((kind) => renderKind(kind, atMs))}
        </tbody>
      </table>
    </div>
    ${sent.attempts.length > 0 && renderAttempts(sent, atMs)}
  </section>`;
}

function renderKind(
  { what, form, readers, times, bytes, lastMs }: Sent['kinds'][number],
  nowMs: number,
): Html {
  return html`<tr>
    <th scope="row">${what}<span class="form">${form}</span></th>
    <td>${readers}</td>
    <td class="number">${times.toLocaleString('en')}</td>
    <td class="number">${toBytesText(bytes)}</td>
    <td class="when" title="${toTimeText(lastMs)}">${toAgoText(lastMs, nowMs)}</td>
  </tr>`;
}

function renderAttempts({ attempts, omittedAttempts }: Sent, nowMs: number): Html {
  return html`<h3 class="sub">Round by round</h3>
    ${attempts.map(
      ({ job, round, attempt, bytes, lastMs, messages }) =>
        html`<details data-key="sent ${job} ${round} ${attempt}">
          <summary>
            <span>${job}, round ${round}${attempt > 1 && `, attempt ${attempt}`}</span>
            <span class="soft">${toBytesText(bytes)}, ${toAgoText(lastMs, nowMs)}</span>
          </summary>
          <table class="messages">
            ${messages.map(
              (message) =>
                html`<tr>
                  <th scope="row">${message.what}</th>
                  <td class="number">${message.times > 1 && `${message.times} × `}</td>
                  <td class="number">${toBytesText(message.bytes)}</td>
                  <td class="when">${toTimeText(message.lastMs)}</td>
                </tr>`,
            )}
          </table>
        </details>`,
    )}
    ${
      omittedAttempts > 0 &&
      html`<p class="soft">${plural(omittedAttempts, 'earlier attempt')} counted in the table above.</p>`
    }`;
}
