import assert from 'node:assert/strict';
import { test } from 'node:test';
import Fastify from 'fastify';
import { z } from 'zod';
import { jobParams } from '../api/documents/values.ts';
import { useStrictFormats } from '../api/strict-formats.ts';
import { readChain } from '../storage/audit-trail.contract.ts';
import { MemoryAuditTrail } from '../storage/memory-audit-trail.ts';
import { addAction, forbidUnrecorded } from './actions.ts';
import { Administration } from './administration.ts';

test('a route that changes something without an entry does not start, and one that reads does', () => {
  const app = Fastify();
  forbidUnrecorded(app);
  app.get('/read', async () => 'x');
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const)
    assert.throws(
      () => app.route({ method, url: '/write', handler: async () => 'x' }),
      /\/write changes something unrecorded/,
    );
});

test('a route that changes something answers between two entries, which name its caller and its subject', async () => {
  const app = Fastify();
  useStrictFormats(app);
  const trail = new MemoryAuditTrail();
  const administration = new Administration({ trail, clock: { nowMs: () => 1 } });
  const callerOf = () => ({ actor: { kind: 'local', user: 'alice' }, from: 'admin.sock' }) as const;
  const writes = { once: () => Promise.reject(new Error('there is no key')) };
  forbidUnrecorded(app);
  addAction(
    app,
    { administration, writes, callerOf },
    {
      ...{ name: 'pause', topic: 'jobs', summary: 'Pauses', method: 'POST', path: '/jobs/:job' },
      ...{ action: 'job.pause', params: jobParams, answer: z.object({ paused: z.string() }) },
      subject: ({ params }) => params['job'] ?? '',
      act: async ({ params }) => ({ paused: params.job }),
    },
  );
  const answer = await app.inject({ method: 'POST', url: '/jobs/job-1' });
  assert.deepEqual(answer.json(), { paused: 'job-1' });
  assert.deepEqual(
    (await readChain(trail)).map(({ entry }) => [entry.action, entry.subject, entry.outcome, entry.actor]),
    ['begun', 'done'].map((outcome) => ['job.pause', 'job-1', outcome, callerOf().actor]),
  );
});
