// The keys in the address of the page, behind the #: remembered by a bookmark, and sent to no server.
import type { TrustTexts } from './trust.ts';

export type AddressedKeys = Pick<TrustTexts, 'logKey' | 'recordKey'>;

/** What the fragment says; empty for what it does not. */
export function readAddress(fragment: string): AddressedKeys {
  const fields = new URLSearchParams(fragment.replace(/^#/, ''));
  return { logKey: fields.get('log-key') ?? '', recordKey: fields.get('record-key') ?? '' };
}

/** The fragment for these keys; empty for none. */
export function toFragment({ logKey, recordKey }: AddressedKeys): string {
  const fields = new URLSearchParams();
  if (logKey.trim() !== '') fields.set('log-key', logKey.trim());
  if (recordKey.trim() !== '') fields.set('record-key', recordKey.trim());
  const text = fields.toString();
  return text === '' ? '' : `#${text}`;
}
