// Why somebody did something, in their own words: ends up on screens, in logs and in terminals.
import { refuseUnless } from '@blindsum/proto';

export const REASON = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,200}$/u;
export const REASON_RULE = 'a reason is one line of 1 to 200 characters';

/** Refuses MALFORMED unless it is one line of 1 to 200 printable characters. */
export function parseReason(text: string): string {
  refuseUnless(REASON.test(text), 'MALFORMED', REASON_RULE);
  return text;
}
