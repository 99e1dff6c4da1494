// Spans of time as people write them on a command line.
import { Refusal } from '@blindsum/proto';

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const MAX_DAYS = 36_500;

/** Milliseconds of `90d`, `24h` or `30m`; refuses CONFIG_INVALID, and more than a hundred years. */
export function parseDuration(text: string, what: string): number {
  const [, digits = '', unit = ''] = /^([0-9]{1,9})([mhd])$/.exec(text) ?? [];
  const milliseconds = Number(digits) * (UNITS[unit as keyof typeof UNITS] ?? NaN);
  if (!(milliseconds <= MAX_DAYS * UNITS.d))
    throw new Refusal('CONFIG_INVALID', `${what}: expected a time like 30m, 24h or 90d`);
  return milliseconds;
}
