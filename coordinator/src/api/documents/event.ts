// What the event stream tells. Each event has a name, and data of that name's format.
import { z } from 'zod';
import { logDocument } from './federation.ts';
import { jobDocument } from './job.ts';
import { roundDocument } from './round.ts';
import { siteDocument } from './site.ts';
import { bytes, count, timeMs, wordList } from './values.ts';

export const EVENT_TYPES = ['job', 'round', 'upload', 'site', 'log', 'trail'] as const;
export type EventType = (typeof EVENT_TYPES)[number];

const atMs = timeMs;

export const jobEvent = z.object({ atMs, job: jobDocument }).meta({ id: 'JobEvent' });
export const roundEvent = z.object({ atMs, round: roundDocument }).meta({ id: 'RoundEvent' });
export const siteEvent = z.object({ atMs, site: siteDocument }).meta({ id: 'SiteEvent' });
export const logEvent = z.object({ atMs, log: logDocument }).meta({ id: 'LogEvent' });
/** It says that there is more, not what: the trail is for auditors, and events are for everybody who reads. */
export const trailEvent = z
  .object({ atMs, last: count.describe('the number of the latest entry of the audit trail') })
  .meta({ id: 'TrailEvent' });
export const uploadEvent = z
  .object({
    atMs,
    job: z.string(),
    round: count,
    attempt: count,
    site: z.string(),
    kind: z.enum(['ciphertext', 'shares', 'opening', 'checkpoint', 'model']),
    bytes: bytes.describe('that are on disk'),
    ofBytes: bytes,
  })
  .meta({ id: 'UploadEvent' });
/** What was missed cannot be told again: read everything anew. */
export const resetEvent = z.object({ atMs }).meta({ id: 'ResetEvent' });

export const eventsQuery = z.strictObject({ types: wordList(EVENT_TYPES).optional() });
