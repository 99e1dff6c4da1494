// `audit-trail list`: what was administered, for people.
import { Refusal } from '@blindsum/proto';
import type { components } from '@blindsum/admin-client';
import { toTable, toTime } from '../terminal/table.ts';
import type { Output } from './operator.ts';
import { answered, connect, type Target } from './target.ts';

const MAX_LIMIT = 200;

type Entry = components['schemas']['TrailEntry'];

export interface TrailFilter {
  readonly action?: string;
  readonly actor?: string;
}

/** One page: the newest entries. Refuses CONFIG_INVALID for a limit that is none. */
export async function listTrail(
  target: Target,
  { action, actor, limit }: TrailFilter & { readonly limit: string },
  output: Output,
): Promise<void> {
  if (!/^[1-9][0-9]{0,2}$/.test(limit) || Number(limit) > MAX_LIMIT)
    throw new Refusal('CONFIG_INVALID', `--limit: expected 1 to ${MAX_LIMIT}`);
  const client = await connect(target);
  const query = {
    limit: Number(limit),
    ...(action !== undefined && { action }),
    ...(actor !== undefined && { actor }),
  };
  const document = await answered(client.GET('/v1/audit-trail', { params: { query } }));
  if (output.json) return output.print(JSON.stringify(document));
  if (document.entries.length === 0) output.print('no such entry');
  for (const line of toTable(COLUMNS, document.entries.map(toRow), output.columns)) output.print(line);
  if (document.next !== null) output.print('there are more: --limit, or audit-trail export for all of them');
}

const COLUMNS = ['entry', 'when', 'who', 'from', 'action', 'subject', 'outcome'].map((head) => ({ head }));

function toRow({ sequence, atMs, actor, from, action, subject, outcome, code }: Entry): string[] {
  const who = actor.name ?? actor.user ?? actor.subject ?? actor.kind;
  return [
    String(sequence),
    toTime(atMs),
    who,
    from,
    action,
    subject,
    code === '' ? outcome : `${outcome} (${code})`,
  ];
}
