// Numbers, sizes and times as people read them. English, one spelling everywhere; figures line up in tables.

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** 0 and up. */
export function toBytes(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 1024 && unit < UNITS.length - 1) [value, unit] = [value / 1024, unit + 1];
  if (unit === 0) return `${value} ${value === 1 ? 'byte' : 'bytes'}`;
  return `${toThree(value)} ${UNITS[unit]}`;
}

/** The same; empty for nothing at all, which tables show as such. */
export function toSize(bytes: number): string {
  return bytes === 0 ? '' : toBytes(bytes);
}

/** Three significant digits, without those that say nothing. */
function toThree(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length of time, 0 and up: "420 ms", "3.2 s", "2 min 5 s", "3 h 10 min", "5 days". */
export function toDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 10_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < MINUTE) return `${seconds} s`;
  if (seconds < HOUR) return toTwo(seconds, [MINUTE, 'min'], [1, 's']);
  if (seconds < 2 * DAY) return toTwo(seconds, [HOUR, 'h'], [MINUTE, 'min']);
  return `${Math.round(seconds / DAY)} days`;
}

function toTwo(seconds: number, [large, name]: [number, string], [small, rest]: [number, string]): string {
  const left = Math.floor((seconds % large) / small);
  return `${Math.floor(seconds / large)} ${name}${left > 0 ? ` ${left} ${rest}` : ''}`;
}

/** How long ago, or in how long. */
export function toRelative(atMs: number, nowMs: number): string {
  const distance = Math.abs(atMs - nowMs);
  if (distance < 5000) return 'just now';
  const coarse = distance < 60_000 ? `${Math.round(distance / 1000)} s` : toCoarse(distance);
  return atMs <= nowMs ? `${coarse} ago` : `in ${coarse}`;
}

function toCoarse(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min`;
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)} h`;
  return `${Math.floor(seconds / DAY)} days`;
}

/** Time of the day to the second; for another day than that of `nowMs`, the date with the time to the minute. */
export function toMoment(atMs: number, nowMs: number): string {
  return toDate(atMs) === toDate(nowMs) ? toClock(atMs) : toDateTime(atMs);
}

/** Date and time to the minute, in the time zone of the reader. */
export function toDateTime(atMs: number): string {
  const at = new Date(atMs);
  return `${toDate(atMs)} ${pad(at.getHours())}:${pad(at.getMinutes())}`;
}

/** The same to the second. */
export function toDateTimeSeconds(atMs: number): string {
  return `${toDate(atMs)} ${toClock(atMs)}`;
}

export function toDate(atMs: number): string {
  const at = new Date(atMs);
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
}

/** Time of the day to the second. */
export function toClock(atMs: number): string {
  const at = new Date(atMs);
  return `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}

/** "1 site", "2 sites". */
export function toCount(count: number, one: string, many = `${one}s`): string {
  return `${toNumberText(count)} ${count === 1 ? one : many}`;
}

/** With thin spaces between thousands. */
export function toNumberText(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, '\u2009');
}

/** "a", "a and b", "a, b and c", "a, b and 3 more". */
export function toList(names: readonly string[], most = 4): string {
  if (names.length > most) {
    const shown = names.slice(0, most - 1);
    return `${shown.join(', ')} and ${names.length - shown.length} more`;
  }
  if (names.length <= 1) return names.join('');
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

const NATURAL = new Intl.Collator('en', { numeric: true });

/** The order in which people look for names: "site-2" before "site-10". */
export function byName(a: string, b: string): number {
  return NATURAL.compare(a, b);
}

/** The first digits of a digest. */
export function toShortHash(digest: string): string {
  return digest.length > 16 ? `${digest.slice(0, 12)}…` : digest;
}
