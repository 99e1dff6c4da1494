import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  memberPseudonym,
  messageLeaf,
  parseBase64,
  parseHex,
  setRootOfLeaves,
  type SiteId,
} from '@blindsum/proto';
import { parseRecord, encodeRecord, type LogRecord, type RecordKind } from '@blindsum/proto/tlog';
import type { Misbehaviour } from '../../test/simulation/model-site.ts';
import { SmallJob } from '../../test/simulation/small-job.ts';

test('the record of a round holds what an auditor needs to check it, byte for byte', async () => {
  const job = new SmallJob();
  await job.start();
  await job.publish();
  const { predicate } = recordOf(job, 'round');
  const leaves = predicate.commitments.map(({ payload, signature }) =>
    messageLeaf({
      payload: parseBase64(payload, 'payload'),
      signature: parseHex(signature, 64, 'signature'),
    }),
  );
  assert.equal(setRootOfLeaves(leaves), predicate.setRoot);
  assert.deepEqual(predicate.counts, { roster: 3, committed: 3, sealed: 3 });
  assert.deepEqual(predicate.metrics, { examples: 3 });
  assert.equal(predicate.kind, 'statistics');
  assert.equal(predicate.attestations.length, 3);
  assert.equal(predicate.sumBytes, 32768);
  assert.equal(predicate.previousRecord, '');
  const sealed = recordOf(job, 'round-sealed').predicate;
  assert.deepEqual([sealed.setRoot, sealed.context], [predicate.setRoot, predicate.context]);
  assert.deepEqual(sealed.members, await pseudonyms(job, job.sites));
});

test('every record parses back from what is logged', async () => {
  const job = new SmallJob();
  await job.start();
  await job.publish();
  for (const record of job.world.log.records) assert.deepEqual(parseRecord(encodeRecord(record)), record);
});

test('a checksum that a proxy signed is recorded as such', async () => {
  const job = new SmallJob({ sites: 3 }, [misbehave(3, 'never checks')]);
  await job.start();
  await job.act();
  await job.finishSum();
  await job.act();
  await job.act(job.sites.slice(0, 2));
  await job.wait(10_000);
  await job.act([job.site(0)]);
  await job.act();
  await job.act();
  const proxied = recordOf(job, 'round').predicate.checksums.filter(({ proxy }) => proxy);
  const [signer, , member] = await pseudonyms(job, job.sites);
  assert.deepEqual(
    proxied.map((one) => [one.member, one.signer]),
    [[member, signer]],
  );
});

test('an incident names by pseudonym what was missing of whom', async () => {
  const job = new SmallJob();
  await job.start();
  await job.act([job.site(1)]);
  await job.wait(40_000);
  const { predicate } = recordOf(job, 'incident');
  const [first, , third] = await pseudonyms(job, job.sites);
  assert.equal(predicate.reason, 'TOO_FEW_CONTRIBUTORS');
  assert.deepEqual(
    predicate.excluded,
    [first, third].map((member) => ({ member, reason: 'no commitment' })),
  );
});

function recordOf<K extends RecordKind>(job: SmallJob, kind: K): Extract<LogRecord, { kind: K }> {
  const found = job.world.log.records.filter((record) => record.kind === kind);
  assert.equal(found.length, 1);
  return found[0] as Extract<LogRecord, { kind: K }>;
}

async function pseudonyms(job: SmallJob, sites: readonly SiteId[]) {
  const { roster } = await job.world.document();
  return roster.members.filter(({ site }) => sites.includes(site)).map(memberPseudonym);
}

function misbehave(site: number, what: Misbehaviour['what']): Misbehaviour {
  return { site: `site-${site}` as SiteId, round: 0, what, always: true };
}
