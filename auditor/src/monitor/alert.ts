// What a monitor calls somebody for.
import type { Finding } from '../finding.ts';

/** Each kind, and what has happened. */
export const ALERTS = {
  shrunk: 'the log has fewer entries than it had',
  forked: 'the log shows another history than it did',
  changed: 'the files of the log are not those of the tree that it signs',
  'unknown-key': 'something is signed by a key that may not sign it',
  duplicate: 'something is recorded twice that there may be once',
  'broken-chain': 'a round does not follow the round before it',
  'sealed-late': 'a result was recorded without its set of contributors before it',
  'below-threshold': 'fewer sites contributed than must agree to open the sum',
  'rule-changed': 'who must have cosigned the log was changed, as the log itself says',
  'other-policy': 'the policy that is served is not the one that the log asks for',
  'not-cosigned': 'a checkpoint is served as cosigned that is not, as the log asks for it',
  withheld: 'a record is missing, and nothing says that it was erased',
  erased: 'a record was erased',
  invalid: 'a record contradicts those before it, or is not what its entry says',
} as const;

export type AlertKind = keyof typeof ALERTS;

export interface Alert extends Finding {
  readonly kind: AlertKind;
}

export function toAlerts(kind: AlertKind, findings: readonly Finding[]): Alert[] {
  return findings.map((finding) => ({ kind, ...finding }));
}
