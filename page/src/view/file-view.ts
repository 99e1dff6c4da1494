// The files that were dropped, and what they are taken for.
import type { ReadFile } from '../read-file.ts';
import { element } from './element.ts';

const ROLE_WORDS = {
  proof: 'Proof',
  policy: 'Witness policy',
  'log-key': 'Log key',
  model: 'Model',
} as const;

/** One row; `onRemove` is called when the reader takes the file away. */
export function viewFile(file: ReadFile, onRemove: () => void): HTMLElement {
  const remove = element(
    'button',
    { type: 'button', class: 'quiet', 'aria-label': `Remove ${file.name}` },
    'Remove',
  );
  remove.addEventListener('click', onRemove);
  return element(
    'li',
    { class: file.problem ? 'file unread' : 'file' },
    element(
      'div',
      {},
      element(
        'p',
        {},
        element('span', { class: 'role' }, toRoleWords(file)),
        ' ',
        element('strong', {}, file.name),
      ),
      file.problem
        ? element('p', { class: 'cause' }, `${file.problem.detail} `, element('code', {}, file.problem.code))
        : element(
            'p',
            { class: 'digest' },
            `${toSize(file.bytes)}, SHA-256 `,
            element('code', {}, file.sha256),
          ),
    ),
    remove,
  );
}

function toRoleWords({ dropped, problem }: ReadFile): string {
  if (!dropped) return problem ? 'Unreadable' : 'File';
  if (dropped.role !== 'statement') return ROLE_WORDS[dropped.role];
  const { record, place } = dropped.statement;
  return `${place ? 'Bundle' : 'Record'} (${record.kind})`;
}

function toSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
