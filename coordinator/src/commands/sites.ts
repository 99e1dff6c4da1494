// The commands by which an operator invites sites and revokes them.
import { Refusal } from '@blindsum/proto';
import type { components } from '@blindsum/admin-client';
import type { RevocationReason } from '@blindsum/proto/tlog';
import { toTable, toTime } from '../terminal/table.ts';
import { everyItem } from './every-item.ts';
import { invitationNamed, siteNamed } from './names.ts';
import type { Output } from './operator.ts';
import { answered, connect, type Target } from './target.ts';

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
  const site = siteNamed(options.site);
  const wish = { site, lifetimeMs: parseLifetime(options.expires), replaces: options.replaces };
  const client = await connect(target);
  const answer = await answered(client.POST('/v1/invitations', { body: wish }));
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
  const all = await everyItem('invitations', (query) => client.GET('/v1/invitations', { params: { query } }));
  if (output.json) return output.print(JSON.stringify({ invitations: all }));
  if (all.length === 0) output.print('nobody was invited');
  const rows = all.map(({ id, site, state, expiresMs, usedMs, replaces }) => [
    ...[id, site, state, toTime(expiresMs), toTime(usedMs), replaces ? 'yes' : 'no'],
  ]);
  for (const line of toTable(COLUMNS, rows, output.columns)) output.print(line);
}

const COLUMNS = ['invitation', 'site', 'state', 'until', 'used', 'replaces'].map((head) => ({ head }));

/** Ends an invitation, used or not. */
export async function revokeInvitation(target: Target, id: string, output: Output): Promise<void> {
  const path = { invitation: invitationNamed(id) };
  const client = await connect(target);
  const answer = await answered(client.POST('/v1/invitations/{invitation}/revoke', { params: { path } }));
  output.print(output.json ? JSON.stringify(answer) : describe(answer));
}

/** Revokes a site with all its certificates and invitations, from its next call on. */
export async function revoke(
  target: Target,
  { site, reason }: { readonly site: string; readonly reason: RevocationReason },
  output: Output,
): Promise<void> {
  const path = { site: siteNamed(site) };
  const client = await connect(target);
  const answer = await answered(
    client.POST('/v1/sites/{site}/revoke', { params: { path }, body: { reason } }),
  );
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
}: components['schemas']['Invitation']): string {
  const when = usedMs === null ? `until ${toTime(expiresMs)}` : `used on ${toTime(usedMs)}`;
  return `invitation ${id} for ${site}: ${state}, ${when}${replaces ? ', takes the place of an admitted site' : ''}`;
}
