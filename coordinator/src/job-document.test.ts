import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseChainedRoster, type JobId } from '@blindsum/proto';
import { SmallJob } from '../../test/simulation/small-job.ts';
import { createJobReader } from './job-document.ts';

test('a job under an adopted roster has the roster that was parsed, and its bytes are read once', async () => {
  const small = new SmallJob();
  await small.start();
  const { jobs } = small.world;
  const stored = (await jobs.load(small.job))!;
  const link = { roster: stored.roster, approvals: [] };
  const adopted = { ...parseChainedRoster(stored.roster), link };
  let loads = 0;
  const counting = {
    head: (job: JobId) => jobs.head(job),
    load: (job: JobId) => {
      loads++;
      return jobs.load(job);
    },
  };
  const reader = createJobReader(counting, {
    read: async () => ({ adopted: [adopted], proposed: undefined }),
  });
  const first = await reader.open(small.job);
  assert.equal(first.document.roster, adopted.roster);
  assert.equal(first.document.rosterHash, adopted.hash);
  const again = await reader.open(small.job);
  assert.equal(again.document, first.document);
  assert.deepEqual(again.stored, await jobs.head(small.job));
  assert.equal(await reader.at(small.job, adopted.hash), first.document);
  assert.equal(loads, 1);
});

test('a roster that is not adopted is parsed, and its status is as fresh as the store', async () => {
  const small = new SmallJob();
  await small.start();
  const { jobs } = small.world;
  const reader = createJobReader(jobs, { read: async () => ({ adopted: [], proposed: undefined }) });
  const { document, stored } = await reader.open(small.job);
  assert.equal(document.rosterHash, parseChainedRoster((await jobs.load(small.job))!.roster).hash);
  await jobs.replace(stored, { state: 'cancelled', reason: 'over' });
  assert.equal((await reader.open(small.job)).stored.status.state, 'cancelled');
  await assert.rejects(reader.open('nothing' as JobId), { code: 'NOT_FOUND' });
});
