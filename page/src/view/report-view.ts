// The verdict, the checks and the record, for people.
import { toTime, type Check, type CheckId } from '../check.ts';
import { CHECK_TEXTS } from '../check-texts.ts';
import { toRecordText, type Fact } from '../record-text.ts';
import { NEEDED, type Report, type Verdict } from '../verification.ts';
import { element, icon } from './element.ts';

const STATUS_WORDS = { passed: 'Passed', failed: 'Failed', skipped: 'Not checked' } as const;
const VERDICT_ICONS = { verified: 'passed', failed: 'failed', incomplete: 'skipped' } as const;

/** Everything that is known about what was dropped. */
export function viewReport(report: Report, atMs: number): Node[] {
  const { title, sentence, facts } = toRecordText(report.record);
  const isClaim = report.verdict !== 'verified';
  return [
    viewVerdict(
      report.verdict,
      toHeadline(report),
      isClaim ? `It claims: ${title}. ${sentence}` : `${title}. ${sentence}`,
    ),
    element('p', { class: 'noted' }, toNote(report)),
    element('h2', {}, 'What was checked'),
    element('ol', { class: 'checks' }, ...report.checks.map(viewCheck)),
    element('h2', {}, 'What the record says'),
    element('dl', { class: 'facts' }, ...[...facts, ...toPlaceFacts(report)].flatMap(viewFact)),
    element('p', { class: 'noted' }, `Checked on ${toTime(atMs)}, on this device.`),
  ];
}

/** What there is to be checked, while there is nothing to check. */
export function viewNothing(): Node[] {
  const ids = Object.keys(CHECK_TEXTS) as CheckId[];
  const rows = ids.map((id) => {
    const { title, proves } = CHECK_TEXTS[id];
    const text = element('div', {}, element('h3', {}, title), element('p', { class: 'hint' }, proves));
    return element('li', { class: 'check open' }, element('span', { class: 'seal' }), text);
  });
  return [element('h2', {}, 'What is checked here'), element('ol', { class: 'checks' }, ...rows)];
}

/** Why nothing could be checked. */
export function viewProblem(headline: string, detail: string): Node[] {
  return [viewVerdict('failed', headline, detail)];
}

function viewVerdict(verdict: Verdict, headline: string, sentence: string): HTMLElement {
  return element(
    'div',
    { class: `verdict ${verdict}` },
    element('span', { class: 'seal' }, icon(VERDICT_ICONS[verdict])),
    element('div', {}, element('p', { class: 'headline' }, headline), element('p', {}, sentence)),
  );
}

function toHeadline({ verdict, checks }: Report): string {
  const failed = checks.filter(({ status }) => status === 'failed').length;
  switch (verdict) {
    case 'verified':
      return 'Verified';
    case 'failed':
      return failed === 1 ? 'Not verified: one check failed' : `Not verified: ${failed} checks failed`;
    case 'incomplete':
      return 'Not verified yet: something is missing';
  }
}

function toNote({ verdict, checks }: Report): string {
  const open = checks.filter(
    ({ status, id }) => status === 'skipped' && (verdict !== 'incomplete' || NEEDED.includes(id)),
  );
  const titles = open.map(({ id }) => `“${CHECK_TEXTS[id].title}”`).join(', ');
  switch (verdict) {
    case 'verified':
      return titles === ''
        ? 'Every check was made and passed.'
        : `Every check that was made passed. Not checked: ${titles}.`;
    case 'failed':
      return 'Do not rely on this record. What failed is marked below, with what may be behind it.';
    case 'incomplete':
      return `Nothing failed, but without this the record proves nothing: ${titles}.`;
  }
}

function viewCheck(check: Check): HTMLElement {
  const { title, proves, provesNot, onFailure } = CHECK_TEXTS[check.id];
  const { status, detail } = check;
  return element(
    'li',
    { class: `check ${status}`, 'data-check': check.id, 'data-status': status },
    element('span', { class: 'seal' }, icon(status)),
    element(
      'div',
      {},
      element('h3', {}, title, ' ', element('span', { class: 'word' }, STATUS_WORDS[status])),
      element(
        'p',
        { class: 'detail' },
        detail,
        status === 'failed' ? element('code', {}, check.code) : undefined,
      ),
      status === 'failed' ? element('p', { class: 'cause' }, onFailure) : undefined,
      element(
        'dl',
        { class: 'meaning' },
        element('dt', {}, status === 'passed' ? 'Proves' : 'Would prove'),
        element('dd', {}, proves),
        element('dt', {}, 'Does not prove'),
        element('dd', {}, provesNot),
      ),
    ),
  );
}

function toPlaceFacts({ entry }: Report): Fact[] {
  if (!entry) return [];
  const { origin, size } = entry.checkpoint;
  return [{ name: 'Log', value: `${origin}, entry ${entry.index} of ${size}` }];
}

function viewFact({ name, value, isDigest }: Fact): Node[] {
  const values = typeof value === 'string' ? [value] : value;
  const lines = values.map((line) => element('dd', {}, isDigest ? element('code', {}, line) : line));
  return [element('dt', {}, name), ...lines];
}
