// Numbers and times as people read them.

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `1536` is `1.5 KiB`. */
export function toBytesText(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`;
}

/** `2026-11-28 14:03:09 UTC`. */
export function toTimeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

const STEPS: readonly (readonly [number, string])[] = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1_000, 'second'],
];

/** `3 minutes`: the largest unit of which there is one. */
export function toDurationText(ms: number): string {
  const [size, name] = STEPS.find(([step]) => ms >= step) ?? [1_000, 'second'];
  return plural(Math.floor(Math.max(0, ms) / size), name);
}

/** `3 minutes ago`. */
export function toAgoText(ms: number, nowMs: number): string {
  return nowMs - ms < 1_000 ? 'just now' : `${toDurationText(nowMs - ms)} ago`;
}

/** `1 round`, `2 rounds`. */
export function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
