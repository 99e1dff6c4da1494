// What an operator does to a job is in the audit trail with its reason.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerOf } from '@blindsum/admin-client';
import { adoptRoster } from '../adoption.fixture.ts';
import { admitTestSite, startTestCoordinator } from '../federation.fixture.ts';
import { submitTestJob } from '../submitted-job.fixture.ts';

test('the reason of a cancellation is in the audit trail', async (t) => {
  const coordinator = await startTestCoordinator();
  t.after(() => coordinator.remove());
  const { admin } = coordinator;
  const sites = [];
  for (const name of ['site-a', 'site-b', 'site-c']) sites.push(await admitTestSite(coordinator, name));
  await adoptRoster(coordinator, sites);
  for (const site of sites) site.close();
  await submitTestJob(admin);
  const path = { job: 'test-job' };
  await admin.POST('/v1/jobs/{job}/cancel', { params: { path }, body: { reason: 'the ethics board asked' } });
  const query = { action: 'job.cancel' };
  const { entries } = await answerOf(admin.GET('/v1/audit-trail', { params: { query } }));
  assert.deepEqual(
    entries.map(({ outcome, subject, detail }) => ({ outcome, subject, detail })),
    [
      { outcome: 'done', subject: 'test-job', detail: 'the ethics board asked' },
      { outcome: 'begun', subject: 'test-job', detail: 'the ethics board asked' },
    ],
  );
});
