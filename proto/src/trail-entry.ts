// An entry of the trail of administrative actions: who did what, when, from where, with what outcome. Entries name people and
// addresses, so they stay with the coordinator; the public log holds a Merkle root over them (record kind `administration`).
// Each holds the hash of the one before, and a random salt, without which the root of a few entries could be guessed open.
import { z } from 'zod';
import { toHex, type Bytes } from './bytes.ts';
import { parseCanonicalJson, toCanonicalBytes } from './canonical-json.ts';
import { digestSchema, type Digest } from './identifiers.ts';
import { Refusal } from './refusal.ts';
import { describeIssues } from './describe-issues.ts';
import { hashLeaf } from './tlog/merkle.ts';

export const MAX_TRAIL_ENTRY_BYTES = 4096;
export const TRAIL_SALT_BYTES = 16;

/** From the most to the least: who may do one thing may do what follows it. */
export const SCOPES = ['operator', 'auditor', 'read'] as const;
export type Scope = (typeof SCOPES)[number];

/** Printable and on one line: entries are shown on terminals. */
const lineSchema = (least: number, most: number) =>
  z.string().regex(new RegExp(`^[\\p{L}\\p{M}\\p{N}\\p{P}\\p{S} ]{${least},${most}}$`, 'u'), 'not one line');

const actorSchema = z.discriminatedUnion('kind', [
  /**
   * A user of the coordinator's machine. `claimed` says that the name is what the command called itself, which nobody has checked:
   * the socket says only that its owner, or root, has opened it.
   */
  z.strictObject({
    kind: z.literal('local'),
    user: lineSchema(1, 100),
    claimed: z.literal(true).exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('key'),
    key: z.string().regex(/^[0-9a-f]{16}$/, 'a key is named by 16 hexadecimal digits'),
    name: lineSchema(1, 100),
    scope: z.enum(SCOPES),
  }),
  /** Somebody who signed in with an OpenID provider. */
  z.strictObject({
    kind: z.literal('person'),
    issuer: lineSchema(1, 300),
    subject: lineSchema(1, 255),
    scope: z.enum(SCOPES),
  }),
  /** Nobody whose word was believed. */
  z.strictObject({ kind: z.literal('stranger') }),
  z.strictObject({ kind: z.literal('coordinator') }),
]);

const entrySchema = z.strictObject({
  /** 1 and up; without gaps, but for what an entry `trail.gap` says is missing. */
  sequence: z.int().min(1),
  /** Of the entry before; empty for the first one that is there. */
  previous: z.union([digestSchema, z.literal('')]),
  salt: z.string().regex(/^[0-9a-f]{32}$/, 'a salt is 32 lower-case hexadecimal digits'),
  /** Since 1970, by the coordinator's clock. */
  atMs: z.int().min(0),
  actor: actorSchema,
  /** Address of the caller, or what it came through. */
  from: lineSchema(1, 100),
  /** What was asked for: `job.cancel`. */
  action: z.string().regex(/^[a-z]{1,20}\.[a-z-]{1,30}$/, 'an action is like job.cancel'),
  /** What it was about: a job, a site, a key. */
  subject: lineSchema(0, 300),
  detail: lineSchema(0, 300),
  /** `begun` is written before anything is done, and another entry says what came of it: `unknown` after a crash. */
  outcome: z.enum(['begun', 'done', 'refused', 'failed', 'unknown']),
  /** The refusal's, or empty. */
  code: z.string().regex(/^[A-Z_]{0,40}$/, 'not a code'),
  /** The entry `begun` that this one completes; 0 for none. */
  completes: z.int().min(0),
});

export type TrailActor = z.output<typeof actorSchema>;
export type TrailEntry = z.output<typeof entrySchema>;

/** Canonical JSON. Throws an Error for an entry that parseTrailEntry would refuse: texts go through toTrailText. */
export function encodeTrailEntry(entry: TrailEntry): Bytes {
  return toCanonicalBytes(entrySchema.parse(entry));
}

/** Parses hostile bytes of at most 4 KiB; refuses MALFORMED, naming the place of each mistake. */
export function parseTrailEntry(bytes: Bytes): TrailEntry {
  const value = parseCanonicalJson(bytes, 'trail entry', MAX_TRAIL_ENTRY_BYTES);
  const parsed = entrySchema.safeParse(value);
  if (!parsed.success) throw new Refusal('MALFORMED', `trail entry: ${describeIssues(parsed.error)}`);
  return parsed.data;
}

/** Names an entry in the one after it, and is its leaf in the tree of a record (RFC 9162 section 2.1.1). */
export function trailEntryHash(bytes: Bytes): Digest {
  return toHex(hashLeaf(bytes)) as Digest;
}

/** Any text as an entry may hold it: at most `most` code points on one line, others replaced. */
export function toTrailText(text: string, most: number): string {
  const line = text.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, '\u{FFFD}');
  return [...line].slice(0, most).join('');
}
