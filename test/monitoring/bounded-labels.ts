// Every label that a metric of ours may have, and the values that it takes: a label whose values grow without end takes Prometheus down
// with it. A new label needs a line here.
import { REFUSAL_CODES } from '@blindsum/proto';
import { BLOB_KINDS } from '../../coordinator/src/ports.ts';
import { JOB_STATUS_STATES } from '../../coordinator/src/job-status.ts';
import { ENDS, LIMITS } from '../../coordinator/src/start-at-zero.ts';

/** Words, or what names look like of which the metric itself has a bounded number. */
const VALUES: Readonly<Record<string, readonly string[] | RegExp>> = {
  backend: /^[a-z-]{1,20}$/,
  code: ['OK', 'CANCELLED', 'INTERNAL', ...REFUSAL_CODES],
  fate: ['included', 'left-out', 'attempt-failed', 'broken'],
  kind: ['statistics', 'training', 'evaluation', ...BLOB_KINDS],
  limit: LIMITS,
  /** Of our own services: calls of others reach no handler. */
  method: /^[A-Z][A-Za-z]{2,30}Service\.[A-Z][A-Za-z]{2,30}$/,
  phase: ['collecting', 'sealed', 'summed', 'opening', 'published', 'failed'],
  queue: ['jobs', 'sums', 'log', 'uploads'],
  result: [
    ...Object.keys(ENDS),
    ...['counted', 'left_out', 'ok', 'failed'],
    ...['committed', 'applied', 'caught_up', 'finished', 'stopped', 'withdrawn'],
  ],
  /** At most 100. */
  site: /^[a-z0-9-]{1,64}$/,
  state: ['admitted', 'online', ...JOB_STATUS_STATES],
  step: /^[a-z_]{4,20}$/,
  subject: ['round', 'roster', 'log'],
  version: /^[0-9]+\.[0-9]+\.[0-9]+(?:-[a-z0-9.]+)?$/,
  /** Those of the configuration. */
  witness: /^[\x21-\x7e]{1,255}$/,
};

/** Undefined for a label and a value that may be; else what is wrong with it. */
export function unboundedLabel(label: string, value?: string): string | undefined {
  const values = Object.hasOwn(VALUES, label) ? VALUES[label] : undefined;
  if (values === undefined) return `nobody has said which values the label ${label} takes`;
  if (value === undefined) return undefined;
  const isKnown = values instanceof RegExp ? values.test(value) : values.includes(value);
  return isKnown ? undefined : `the label ${label} takes no value ${value}`;
}
