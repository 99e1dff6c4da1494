// Whose ciphertext is whose in an archive: files lie under the names of sites, and the log knows members by pseudonym only.
// Nothing rests on it: a wrong name leads to a file that is not what its member committed to.
import { z } from 'zod';
import { parseUtf8, utf8, type Bytes } from './bytes.ts';
import { describeIssues } from './describe-issues.ts';
import { parseHostileJson } from './hostile-json.ts';
import { pseudonymSchema, siteIdSchema, type Digest, type SiteId } from './identifiers.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import { memberPseudonym, type Member } from './roster.ts';

/** Name of the file in the folder of an archive. */
export const ARCHIVE_MEMBERS_FILE = 'members.json';
const FORMAT = 'blindsum-archive-members/v1';
const MAX_BYTES = 16 << 20;

const archiveMembersSchema = z.strictObject({
  format: z.literal(FORMAT),
  members: z.record(pseudonymSchema, siteIdSchema),
});

/** Names of members, by pseudonym. */
export type ArchiveMembers = ReadonlyMap<Digest, SiteId>;

/** The file over the members of all rosters of a federation; one that is listed twice under one key is there once. */
export function encodeArchiveMembers(members: readonly Member[]): Bytes {
  const entries = members.map((member) => [memberPseudonym(member), member.site] as const);
  const file = { format: FORMAT, members: Object.fromEntries(entries.toSorted()) };
  return utf8(`${JSON.stringify(file, null, 2)}\n`);
}

/** Parses a file from elsewhere; refuses MALFORMED. */
export function parseArchiveMembers(bytes: Bytes): ArchiveMembers {
  refuseUnless(bytes.length <= MAX_BYTES, 'MALFORMED', `archive members: more than ${MAX_BYTES} bytes`);
  const value = parseHostileJson(parseUtf8(bytes, 'archive members'), 'archive members');
  const parsed = archiveMembersSchema.safeParse(value);
  if (!parsed.success) throw new Refusal('MALFORMED', `archive members: ${describeIssues(parsed.error)}`);
  return new Map(Object.entries(parsed.data.members) as [Digest, SiteId][]);
}
