// What every CheckpointStore promises (ports.ts). Each implementation runs exactly this.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digest, JobId, SiteId } from '@blindsum/proto';
import type { CheckpointStore } from '../ports.ts';
import type { CheckpointRequest } from '../round/checkpoint-request.ts';

const JOB = 'job-1' as JobId;
const digest = (digit: string) => digit.repeat(64) as Digest;
const [A, B] = ['site-a', 'site-b'] as [SiteId, SiteId];

const REQUEST: CheckpointRequest = {
  ...{ round: 3, attempt: 1, context: digest('1'), baseModelHash: digest('2'), setRoot: digest('3') },
  ...{ rosterHash: digest('7'), sealedFor: digest('8') },
  ...{ modelHash: digest('4'), attesters: [A, B], turns: 1 },
  asked: { site: A, bytes: 0, untilMs: 2 ** 50 },
  offers: [{ sealer: B, root: digest('5'), digest: digest('6'), payload: 'e30=', signature: 'ab' }],
  complaints: [],
};

/** Runs the suite; `open` gives an empty store that knows the job `job-1` each time. */
export function describeCheckpointStore(name: string, open: () => Promise<CheckpointStore>): void {
  void test(`${name}: a job without a request has none`, async () => {
    assert.equal(await (await open()).load(JOB), undefined);
  });

  void test(`${name}: the first request and its successors are loaded as they were stored`, async () => {
    const store = await open();
    const first = await store.replace(JOB, undefined, { request: REQUEST, retired: undefined });
    assert.deepEqual(first, { job: JOB, version: 1, request: REQUEST, retired: undefined });
    assert.deepEqual(await store.load(JOB), first);
    const retired = { round: 2, attempt: 1, sealers: [B], sealedFor: digest('8') };
    const request = { ...REQUEST, asked: undefined };
    const second = await store.replace(JOB, first, { request, retired });
    assert.deepEqual(second, { job: JOB, version: 2, request, retired });
    assert.deepEqual(await store.load(JOB), second);
  });

  void test(`${name}: of two writers over one version, the second writes nothing`, async () => {
    const store = await open();
    const content = { request: REQUEST, retired: undefined };
    const first = await store.replace(JOB, undefined, content);
    assert.equal(
      await store.replace(JOB, undefined, { ...content, request: { ...REQUEST, round: 4 } }),
      undefined,
    );
    const second = await store.replace(JOB, first, { ...content, request: { ...REQUEST, round: 5 } });
    assert.equal(
      await store.replace(JOB, first, { ...content, request: { ...REQUEST, round: 6 } }),
      undefined,
    );
    assert.deepEqual(await store.load(JOB), second);
  });
}
