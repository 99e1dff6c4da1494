// The trail for auditors, page by page: exact bytes, one entry to a line. Reading it from its beginning is written down in it.
import type { FastifyInstance } from 'fastify';
import { concat, refuseUnless, utf8 } from '@blindsum/proto';
import type { AuditTrail } from '../audit-trail.ts';
import type { ActionShell } from './actions.ts';

export interface TrailExportShell extends ActionShell {
  readonly trail: Pick<AuditTrail, 'read'>;
}

export const TRAIL_PAGE = 500;

/** Adds `GET path?after=N`: up to 500 entries that come after entry N, none at the end. */
export function addTrailExport(app: FastifyInstance, shell: TrailExportShell, path: string): void {
  const { trail, administration, callerOf } = shell;
  app.get<{ Querystring: { after?: unknown } }>(path, async (request, reply) => {
    const after = parseAfter(request.query.after);
    const read = () => trail.read(after, TRAIL_PAGE);
    const page =
      after === 0
        ? await administration.perform(callerOf(request), { action: 'trail.export' }, read)
        : await read();
    const lines = page.flatMap((entry) => [entry, utf8('\n')]);
    return reply
      .type('application/x-ndjson')
      .header('cache-control', 'no-store')
      .send(Buffer.from(concat(...lines)));
  });
}

function parseAfter(text: unknown): number {
  const isNumber = typeof text === 'string' && /^(?:0|[1-9][0-9]{0,14})$/.test(text);
  refuseUnless(text === undefined || isNumber, 'MALFORMED', 'after: expected the number of an entry');
  return Number(text ?? 0);
}
