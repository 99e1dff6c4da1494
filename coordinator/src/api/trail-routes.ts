// The trail of administrative actions: in pages for people, and its exact bytes for auditors, one entry to a line. Reading those
// from their beginning is written down in it.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { concat, utf8, type TrailEntry } from '@blindsum/proto';
import type { ActionShell } from '../administration/actions.ts';
import type { AuditTrail } from '../audit-trail.ts';
import { exportQuery, trailDocument, trailQuery } from './documents/trail.ts';
import { parseTrailCursor, readTrailPage } from './trail-page.ts';
import { addRead, NOTHING } from './read.ts';
import { toSchema } from './route-schema.ts';

export interface TrailShell extends ActionShell {
  readonly trail: Pick<AuditTrail, 'read' | 'last'>;
}

export const TRAIL_PAGE = 500;
const NDJSON = 'application/x-ndjson';

export function addTrailRoutes(app: FastifyInstance, shell: TrailShell): void {
  addRead(app, {
    ...{ name: 'listTrail', topic: 'administration', path: '/v1/audit-trail' },
    summary: 'What was done, by whom, with what outcome; the latest first',
    ...{ query: trailQuery, answer: trailDocument },
    async read({ query: { cursor, ...wanted } }) {
      const before = cursor === undefined ? undefined : parseTrailCursor(cursor);
      const { entries, next } = await readTrailPage(shell.trail, { ...wanted, before });
      return { entries: entries.map(toShown), next };
    },
  });
  addExport(app, shell);
}

/** Adds the route for up to 500 entries that come after entry `after`, none at the end. */
function addExport(app: FastifyInstance, { trail, administration, callerOf }: TrailShell): void {
  const described = {
    name: 'exportTrail',
    topic: 'administration',
    summary: 'The exact bytes of up to 500 entries after entry `after`, one to a line',
  } as const;
  const answer = { content: { [NDJSON]: { schema: z.string() } } };
  const formats = { params: NOTHING, query: exportQuery, answers: { 200: answer } };
  app.get('/v1/audit-trail/export', {
    schema: toSchema(described, formats),
    async handler(request, reply) {
      const { after } = request.query as z.output<typeof exportQuery>;
      const read = () => trail.read(after, TRAIL_PAGE);
      const page =
        after === 0
          ? await administration.perform(callerOf(request), { action: 'trail.export' }, read)
          : await read();
      const lines = page.flatMap((entry) => [entry, utf8('\n')]);
      return reply
        .type(NDJSON)
        .header('cache-control', 'no-store')
        .send(Buffer.from(concat(...lines)));
    },
  });
}

/** Without what holds the chain together: that is in the export. */
function toShown({ salt: _salt, previous: _previous, ...entry }: TrailEntry) {
  return entry;
}
