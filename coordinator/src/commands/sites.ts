// The commands by which an operator invites sites and revokes them.
import { z } from 'zod';
import { parseInvitationId, parseSiteId, Refusal } from '@blindsum/proto';
import type { Output } from './operator.ts';
import { connect, type Target } from './target.ts';

const invitedFormat = z.object({ site: z.string(), token: z.string(), id: z.string(), expiresMs: z.int() });
const invitationFormat = z.looseObject({
  id: z.string(),
  site: z.string(),
  createdMs: z.int(),
  expiresMs: z.int(),
  replaces: z.boolean(),
  usedMs: z.int().nullable(),
  state: z.enum(['open', 'used', 'expired', 'revoked']),
});
const invitationsFormat = z.object({ invitations: z.array(invitationFormat) });
const revokedFormat = z.object({ site: z.string(), reason: z.string(), atMs: z.int() });

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const MAX_LIFETIME_MS = 90 * 86_400_000;

/** Milliseconds of `30m`, `24h` or `7d`; refuses CONFIG_INVALID anything else, and more than 90 days. */
export function parseLifetime(text: string): number {
  const [, count, unit] = /^([1-9][0-9]{0,3})([mhd])$/.exec(text) ?? [];
  const lifetimeMs = Number(count) * (UNIT_MS[unit ?? ''] ?? NaN);
  if (lifetimeMs <= MAX_LIFETIME_MS) return lifetimeMs;
  throw new Refusal('CONFIG_INVALID', '--expires: expected minutes, hours or days up to 90d, like 24h');
}

export interface InviteOptions {
  readonly site: string;
  readonly expires: string;
  readonly replaces: boolean;
}

/** Prints a token that lets the site enrol once. */
export async function invite(target: Target, options: InviteOptions, output: Output): Promise<void> {
  const site = parseSiteId(options.site);
  const wish = { site, lifetimeMs: parseLifetime(options.expires), replaces: options.replaces };
  const client = await connect(target);
  const answer = invitedFormat.parse(await client.post('/invitations', JSON.stringify(wish)));
  const { token, id, expiresMs } = answer;
  if (output.json) return output.print(JSON.stringify(answer));
  // The token alone on the standard output, for those who pass it on by a pipe.
  process.stderr.write(
    `blindsum-coordinator: invitation ${id}: whoever runs \`blindsum-site enroll\` with this token first becomes ${site}, until ${toTime(expiresMs)}\n`,
  );
  output.print(token);
}

/** Shows every invitation. */
export async function invitations(target: Target, output: Output): Promise<void> {
  const client = await connect(target);
  const answer = invitationsFormat.parse({ invitations: await client.list('/invitations', 'invitations') });
  if (output.json) return output.print(JSON.stringify(answer));
  if (answer.invitations.length === 0) output.print('nobody was invited');
  for (const invitation of answer.invitations) output.print(describe(invitation));
}

/** Ends an invitation, used or not. */
export async function revokeInvitation(target: Target, id: string, output: Output): Promise<void> {
  const path = `/invitations/${parseInvitationId(id)}/revoke`;
  const client = await connect(target);
  const answer = invitationFormat.parse(await client.post(path, '{}'));
  output.print(output.json ? JSON.stringify(answer) : describe(answer));
}

/** Revokes a site with all its certificates and invitations, from its next call on. */
export async function revoke(
  target: Target,
  { site, reason }: { readonly site: string; readonly reason: string },
  output: Output,
): Promise<void> {
  const path = `/sites/${parseSiteId(site)}/revoke`;
  const client = await connect(target);
  const answer = revokedFormat.parse(await client.post(path, JSON.stringify({ reason })));
  if (output.json) return output.print(JSON.stringify(answer));
  output.print(
    `${answer.site} is revoked since ${toTime(answer.atMs)} (${answer.reason}); to let it in again, invite it with --replace`,
  );
}

function describe({
  id,
  site,
  expiresMs,
  usedMs,
  replaces,
  state,
}: z.output<typeof invitationFormat>): string {
  const when = usedMs === null ? `until ${toTime(expiresMs)}` : `used on ${toTime(usedMs)}`;
  return `invitation ${id} for ${site}: ${state}, ${when}${replaces ? ', takes the place of an admitted site' : ''}`;
}

function toTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('T', ' ').slice(0, 16);
}
