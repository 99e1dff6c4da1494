// What every ReleaseStore promises (release/release-store.ts). Each implementation runs exactly this.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digest, JobId, SiteId } from '@blindsum/proto';
import { NO_VOTES, type Release } from '../release/release.ts';
import type { ReleaseStore } from '../release/release-store.ts';

const JOB = 'job-1' as JobId;
const ID = { job: JOB, round: 3, attempt: 2 };
const vote = {
  site: 'site-a' as SiteId,
  fileDigest: 'ab'.repeat(32) as Digest,
  payload: 'e30=',
  signature: 'ab',
};
const decided = { fileDigest: vote.fileDigest, votes: [vote] };
const STATES: readonly Release[] = [
  { state: 'voting', votes: [vote], refusals: [{ site: 'site-b' as SiteId, reason: 'no' }] },
  { state: 'agreed', ...decided },
  { state: 'logged', ...decided, asked: { site: vote.site, untilMs: 2 ** 50 }, failed: [vote.site] },
  { state: 'logged', ...decided, asked: null, failed: [] },
  { state: 'available', ...decided, from: vote.site, files: { 'model.json': '{}' } },
];

/** Runs the suite; `open` gives an empty store that knows the job `job-1` each time. */
export function describeReleaseStore(name: string, open: () => Promise<ReleaseStore>): void {
  void test(`${name}: a round of which nobody has said anything has no release`, async () => {
    const store = await open();
    assert.equal(await store.load(JOB, 3), undefined);
    assert.deepEqual(await store.list(), []);
  });

  void test(`${name}: each state is loaded as it was stored`, async () => {
    const store = await open();
    let before = await store.replace(ID, undefined, NO_VOTES);
    assert.deepEqual(before, { id: ID, version: 1, release: NO_VOTES });
    for (const [i, release] of STATES.entries()) {
      before = await store.replace(ID, before, release);
      assert.deepEqual(before, { id: ID, version: i + 2, release });
      assert.deepEqual(await store.load(JOB, 3), before);
    }
  });

  void test(`${name}: of two writers over one version, the second writes nothing`, async () => {
    const store = await open();
    const first = await store.replace(ID, undefined, NO_VOTES);
    assert.equal(await store.replace({ ...ID, attempt: 1 }, undefined, STATES[0]!), undefined);
    const second = await store.replace(ID, first, STATES[0]!);
    assert.equal(await store.replace(ID, first, STATES[1]!), undefined);
    assert.deepEqual(await store.load(JOB, 3), second);
  });

  void test(`${name}: rounds are apart, and listed in their order`, async () => {
    const store = await open();
    const rounds = [10, 2, 3];
    for (const round of rounds) await store.replace({ ...ID, round }, undefined, NO_VOTES);
    assert.deepEqual(
      (await store.list()).map(({ id }) => id.round),
      [2, 3, 10],
    );
    assert.equal((await store.load(JOB, 2))?.id.round, 2);
  });
}
