// What happens, as it happens: server-sent events (WHATWG HTML, section 9.2).
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { EventDesk } from '../events/event-desk.ts';
import { eventsQuery } from './documents/event.ts';
import { NOTHING } from './read.ts';
import { toSchema } from './route-schema.ts';

export interface EventShell {
  readonly events: Pick<EventDesk, 'open'>;
}

const EVENT_STREAM = 'text/event-stream';
const DESCRIBED = {
  name: 'watchEvents',
  topic: 'events',
  summary:
    'job, round, upload, site, log and trail events, after `Last-Event-ID` if that is given; `reset` says that something was missed',
} as const;

export function addEventRoute(app: FastifyInstance, { events }: EventShell): void {
  const answer = { description: 'a stream of events', content: { [EVENT_STREAM]: { schema: z.string() } } };
  app.get('/v1/events', {
    schema: toSchema(DESCRIBED, { params: NOTHING, query: eventsQuery, answers: { 200: answer } }),
    exposeHeadRoute: false,
    async handler(request, reply) {
      const { types } = request.query as z.output<typeof eventsQuery>;
      const lastId = request.headers['last-event-id'];
      const stream = await events.open({ types: types?.split(','), lastId: [lastId].flat()[0] });
      // A proxy that buffers would keep the events to itself.
      return reply.type(EVENT_STREAM).header('x-accel-buffering', 'no').send(stream);
    },
  });
}
