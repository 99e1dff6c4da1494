// Events of the coordinator as they arrive, as values of this program. Unknown ones are left out: a newer coordinator may tell more.
import type { JobDocument, RoundDocument, SiteDocument, UploadProgress } from './documents.ts';
import type { LiveEvent } from './live-state.ts';

export const EVENT_TYPES = ['job', 'round', 'upload', 'site', 'log', 'trail', 'reset'] as const;
export type EventType = (typeof EVENT_TYPES)[number];

type Data = Readonly<Record<string, unknown>>;

/** The event of one message; undefined for one that is not understood. */
export function toLiveEvent(type: EventType, data: string): LiveEvent | undefined {
  const value = toData(data);
  if (!value) return undefined;
  const atMs = typeof value['atMs'] === 'number' ? value['atMs'] : 0;
  // What an event tells of is a member of that name, or the event as a whole.
  const told = isData(value[type]) ? value[type] : value;
  switch (type) {
    case 'job':
      return hasText(told, 'job', 'state') ? { type, atMs, job: told as unknown as JobDocument } : undefined;
    case 'site':
      return hasText(told, 'site') ? { type, atMs, site: told as unknown as SiteDocument } : undefined;
    case 'round':
      return hasText(told, 'job', 'phase')
        ? { type, atMs, round: told as unknown as RoundDocument & { job: string } }
        : undefined;
    case 'upload':
      return hasText(told, 'job', 'site')
        ? { type, atMs, upload: told as unknown as UploadProgress }
        : undefined;
    case 'log':
      return { type, atMs, log: withoutTime(told) };
    case 'trail':
      return typeof told['last'] === 'number' ? { type, atMs, last: told['last'] } : undefined;
    case 'reset':
      return { type, atMs };
  }
}

function toData(text: string): Data | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isData(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isData(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasText(value: Data, ...names: readonly string[]): boolean {
  return names.every((name) => typeof value[name] === 'string');
}

function withoutTime({ atMs: _, ...rest }: Data): Data {
  return rest;
}
