// The audit trail as rows: an action that began and what came of it are one, and codes are words.
import type { TrailEntry } from './documents.ts';
import { toDateTimeSeconds } from './format.ts';
import type { Tone } from './words.ts';

/** One page of the coordinator's answer. */
export interface TrailPage {
  readonly entries: readonly TrailEntry[];
  readonly next: string | null;
}

export interface TrailFilter {
  /** What actions begin with, such as `job`; empty for all. */
  readonly action: string;
  /** A user, the name of a key, a person; empty for everybody. */
  readonly actor: string;
  /** Only what is younger than this; 0 for all. */
  readonly withinMs: number;
}

export const NO_FILTER: TrailFilter = { action: '', actor: '', withinMs: 0 };

/** What actions are about, by what their names begin with. */
export const TRAIL_AREAS: readonly (readonly [string, string])[] = [
  ['job', 'Jobs'],
  ['site', 'Sites'],
  ['invitation', 'Invitations'],
  ['roster', 'Roster'],
  ['key', 'API keys'],
  ['session', 'Signing in and out'],
  ['access', 'Refused access'],
  ['trail', 'The trail itself'],
  ['retention', 'Retention'],
  ['backup', 'Backups'],
  ['record', 'Records of the log'],
  ['state', 'Restores'],
];

const ACTIONS: Readonly<Record<string, string>> = {
  'site.admit': 'Admitted a site',
  'site.invite': 'Invited a site',
  'site.revoke': 'Revoked a site',
  'invitation.revoke': 'Revoked an invitation',
  'roster.propose': 'Proposed a roster',
  'job.submit': 'Submitted a job',
  'job.validate': 'Had a job checked',
  'job.pause': 'Paused a job',
  'job.resume': 'Resumed a job',
  'job.cancel': 'Cancelled a job',
  'key.create': 'Made an API key',
  'key.rotate': 'Replaced an API key',
  'key.revoke': 'Revoked an API key',
  'session.sign-in': 'Signed in',
  'session.sign-out': 'Signed out',
  'access.refused': 'Was refused access',
  'trail.export': 'Exported the trail',
  'trail.gap': 'Found entries missing',
  'retention.hold': 'Held retention',
  'backup.create': 'Made a backup',
  'record.redact': 'Redacted a record of the log',
  'state.restore': 'Restored a backup',
};

const OUTCOMES: Readonly<Record<TrailEntry['outcome'], { readonly word: string; readonly tone: Tone }>> = {
  begun: { word: 'Under way', tone: 'busy' },
  done: { word: 'Done', tone: 'good' },
  refused: { word: 'Refused', tone: 'warn' },
  failed: { word: 'Failed', tone: 'bad' },
  unknown: { word: 'Unknown', tone: 'bad' },
};

export interface TrailRow {
  readonly sequence: number;
  readonly when: string;
  readonly who: string;
  /** What kind of caller that is, and what it may do. */
  readonly whoKind: string;
  readonly from: string;
  readonly what: string;
  readonly subject: string;
  readonly detail: string;
  readonly outcome: { readonly word: string; readonly tone: Tone };
  /** Of a refusal; else empty. */
  readonly code: string;
}

/** The latest first. An entry `begun` is no row of its own once another one says what came of it. */
export function toTrailRows(entries: readonly TrailEntry[]): TrailRow[] {
  const completed = new Set(entries.map(({ completes }) => completes));
  return entries.filter(({ sequence }) => !completed.has(sequence)).map(toRow);
}

function toRow({
  sequence,
  atMs,
  actor,
  from,
  action,
  subject,
  detail,
  outcome,
  code,
}: TrailEntry): TrailRow {
  return {
    ...{ sequence, from, subject, detail, code },
    when: toDateTimeSeconds(atMs),
    ...toWho(actor),
    what: ACTIONS[action] ?? action,
    outcome: OUTCOMES[outcome],
  };
}

function toWho(actor: TrailEntry['actor']): Pick<TrailRow, 'who' | 'whoKind'> {
  const { scope = '', name = '', user = '', subject = '' } = actor;
  switch (actor.kind) {
    case 'key':
      return { who: name, whoKind: `API key, ${scope}` };
    case 'person':
      return { who: subject, whoKind: `signed in, ${scope}` };
    case 'local':
      return { who: user, whoKind: actor.claimed ? 'local, unchecked name' : 'local' };
    case 'stranger':
      return { who: 'Somebody unknown', whoKind: 'not signed in' };
    case 'coordinator':
      return { who: 'The coordinator', whoKind: 'by itself' };
  }
}

/** What a page asks for, by the names of the query. */
export function toTrailQuery(filter: TrailFilter, { nowMs, cursor, limit }: TrailAsked): TrailQuery {
  const { action, actor, withinMs } = filter;
  return {
    limit,
    ...(action !== '' && { action }),
    ...(actor.trim() !== '' && { actor: actor.trim() }),
    ...(withinMs > 0 && { since: Math.max(0, nowMs - withinMs) }),
    ...(cursor !== null && { cursor }),
  };
}

export interface TrailQuery {
  readonly limit: number;
  readonly action?: string;
  readonly actor?: string;
  /** Milliseconds since 1970. */
  readonly since?: number;
  readonly cursor?: string;
}

interface TrailAsked {
  /** By the coordinator's clock. */
  readonly nowMs: number;
  readonly cursor: string | null;
  readonly limit: number;
}

/** Known entries with the newest page: that page alone where something may lie between them. */
export function withNewest(known: TrailPage, newest: TrailPage): TrailPage {
  const latest = known.entries[0]?.sequence ?? 0;
  const isJoined = newest.entries.some(({ sequence }) => sequence <= latest);
  if (!isJoined) return newest;
  const added = newest.entries.filter(({ sequence }) => sequence > latest);
  return { entries: [...added, ...known.entries], next: known.next };
}
