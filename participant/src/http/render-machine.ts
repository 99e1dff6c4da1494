// The machine and its connections on the local page: facts, privacy, disk.
import { plural, toAgoText, toBytesText, toDurationText, toTimeText } from '../view/quantities.ts';
import type { SiteView } from '../view/site-view.ts';
import { html, type Html } from './html.ts';

interface Fact {
  readonly title: string;
  readonly value: string;
  readonly more: string;
  readonly state: 'good' | 'bad' | 'plain';
}

export function renderFacts(view: SiteView): Html {
  const facts = [agent(view), coordinator(view), certificate(view), log(view), members(view), compute(view)];
  return html`<section class="facts" aria-label="state">
      ${facts.map(
        ({ title, value, more, state }) =>
          html`<div class="card fact ${state}">
            <h3>${title}</h3>
            <p class="value">${value}</p>
            <p class="soft">${more}</p>
          </div>`,
      )}
    </section>
    <p class="fingerprint soft">Fingerprint of this site <code>${view.fingerprint}</code></p>`;
}

function agent({ agent: { isRunning, startedMs, version }, atMs }: SiteView): Fact {
  const since = isRunning && startedMs !== null ? `for ${toDurationText(atMs - startedMs)}, ` : '';
  return {
    title: 'Agent',
    value: isRunning ? 'runs' : 'does not run',
    more: `${since}version ${version}`,
    state: isRunning ? 'good' : 'plain',
  };
}

function coordinator({ coordinator: { address, state, answeredMs, failure }, atMs }: SiteView): Fact {
  const last = answeredMs === null ? 'never answered' : `last answered ${toAgoText(answeredMs, atMs)}`;
  return {
    title: 'Coordinator',
    value: state,
    more: [address ?? 'not enrolled', last, ...(state === 'away' ? [failure] : [])].join(' · '),
    state: state === 'answers' ? 'good' : state === 'away' ? 'bad' : 'plain',
  };
}

function certificate({ certificate: held, atMs }: SiteView): Fact {
  if (held === null) return { title: 'Certificate', value: 'none', more: 'not enrolled', state: 'plain' };
  const { state, expiresMs, renewsMs } = held;
  const renews = renewsMs > atMs ? `renewed in ${toDurationText(renewsMs - atMs)}` : 'to be renewed now';
  return {
    title: 'Certificate',
    value: state,
    more:
      state === 'expired'
        ? `since ${toTimeText(expiresMs)}`
        : `for ${toDurationText(expiresMs - atMs)} more · ${renews}`,
    state: state === 'valid' ? 'good' : 'bad',
  };
}

function log({ log: { size, root, key, alarm } }: SiteView): Fact {
  if (alarm !== '') return { title: 'Log', value: 'contradicts itself', more: alarm, state: 'bad' };
  if (size === '0') return { title: 'Log', value: 'not seen yet', more: '', state: 'plain' };
  const more = `of ${key}, verified and kept · root ${root.slice(0, 12)}…`;
  return { title: 'Log', value: `${Number(size).toLocaleString('en')} entries`, more, state: 'good' };
}

function members({ members: { roster, trusted } }: SiteView): Fact {
  if (roster === null)
    return {
      title: 'Members',
      value: 'no roster yet',
      more: `trusts ${trusted.length === 0 ? 'nobody' : trusted.join(', ')}`,
      state: 'plain',
    };
  return {
    title: 'Members',
    value: plural(roster.sites.length, 'site'),
    more: `roster version ${roster.version}: ${roster.sites.join(', ')}`,
    state: 'plain',
  };
}

function compute({ compute: { backendAsked, backendUsed, gpu } }: SiteView): Fact {
  return {
    title: 'Training',
    value: backendUsed ?? 'not yet',
    more: `backend asked for: ${backendAsked} · ${describeGpu(gpu)}`,
    state: 'plain',
  };
}

function describeGpu(gpu: SiteView['compute']['gpu']): string {
  if (gpu.state === 'absent') return 'no GPU that nvidia-smi knows';
  if (gpu.state === 'unreadable') return `nvidia-smi does not answer: ${gpu.why}`;
  return gpu.devices
    .map(({ name, busyPercent, usedMiB, totalMiB }) => {
      const memory = `${inGiB(usedMiB)} of ${inGiB(totalMiB)} used`;
      return `${name}: ${busyPercent === null ? 'does not say how busy' : `${busyPercent}\u00a0% busy`}, ${memory}`;
    })
    .join(' · ');
}

function inGiB(mebibytes: number | null): string {
  return mebibytes === null ? 'unknown' : toBytesText(mebibytes * 2 ** 20);
}

export function renderPrivacy({ privacy, policy }: SiteView): Html {
  return html`<section>
    <h2>Privacy</h2>
    ${privacy.says.map((line) => html`<p>${line}</p>`)}
    <p class="soft">
      ${
        policy.problem !== ''
          ? html`<strong class="bad">The policy has a mistake: ${policy.problem}</strong>`
          : html`Policy: <code>${policy.file ?? 'none, so that nothing is taken part in'}</code>, approval
              <code>${policy.approval}</code>.`
      }
    </p>
  </section>`;
}

const WIDTH = 1000;
/** Colours: as many as there are kinds. */
const PARTS = 8;

export function renderDisk({ disk }: SiteView): Html {
  const { folder, kinds, bytes, freeBytes } = disk;
  let at = 0;
  const parts = kinds.map(({ bytes: ofKind }, i) => {
    const width = bytes === 0 ? 0 : (WIDTH * ofKind) / bytes;
    at += width;
    return html`<rect
      class="part-${i % PARTS}"
      x="${(at - width).toFixed(1)}"
      y="0"
      width="${width.toFixed(1)}"
      height="14"
    />`;
  });
  return html`<section>
    <h2>Disk</h2>
    <p>
      <strong>${toBytesText(bytes)}</strong> in <code>${folder}</code>${
        freeBytes !== null && `, ${toBytesText(freeBytes)} free beside it`
      }.
    </p>
    <svg
      class="disk"
      viewBox="0 0 ${WIDTH} 14"
      preserveAspectRatio="none"
      role="img"
      aria-label="disk by kind"
    >
      ${parts}
    </svg>
    <ul class="legend">
      ${kinds.map(
        ({ what, bytes: ofKind, files }, i) =>
          html`<li>
            <svg viewBox="0 0 10 10" aria-hidden="true">
              <rect class="part-${i % PARTS}" width="10" height="10" rx="2" />
            </svg>
            ${what} <span class="soft">${toBytesText(ofKind)}, ${plural(files, 'file')}</span>
          </li>`,
      )}
    </ul>
  </section>`;
}
