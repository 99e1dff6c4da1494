// An older backup beside a log that goes on after it: the roster that was adopted since, and the sites that were revoked since,
// are in the log, and nothing that is restored may contradict that.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { FederationService } from '@blindsum/proto/rpc';
import { answerOf } from '@blindsum/admin-client';
import { adoptRoster } from '../coordinator/src/adoption.fixture.ts';
import { createBackup } from '../coordinator/src/backup/create-backup.ts';
import { restoreBackup } from '../coordinator/src/backup/restore-backup.ts';
import { admitTestSite } from '../coordinator/src/federation.fixture.ts';
import { TestJob } from '../coordinator/src/whole-rounds.fixture.ts';
import { openPlace, QUIET, run } from './fixtures/backed-up-coordinator.ts';

const AUDITOR = join(import.meta.dirname, '../auditor/bin/blindsum-audit');

const root = await mkdtemp(join(tmpdir(), 'bs-r-'));
after(() => rm(root, { recursive: true }));

/** A coordinator with a job that runs, and a backup of it. */
async function openBackedUp(name: string) {
  const place = await openPlace(root, name);
  const coordinator = await place.start();
  after(() => coordinator.running.stop());
  const job = await TestJob.start(coordinator);
  after(() => job.close());
  const from = join(place.folder, 'old');
  await createBackup({ ...QUIET, config: place.config, out: from });
  const elsewhere = await openPlace(root, `${name}-elsewhere`);
  const published = { sources: [place.config.log.directory] };
  const restore = () =>
    restoreBackup({ ...QUIET, config: elsewhere.config, from, published, endOpenJobs: true });
  return { coordinator, job, elsewhere, restore };
}

test('a backup from before the roster that the log has is refused, also where open jobs may end', async () => {
  const { coordinator, job, elsewhere, restore } = await openBackedUp('roster');
  const joining = await admitTestSite(coordinator, 'hospital-d');
  after(() => joining.close());
  await adoptRoster(coordinator, [...job.sites, joining]);
  await coordinator.running.stop();
  await assert.rejects(restore(), {
    code: 'BAD_ROSTER',
    detail: /has roster version 2, which was adopted after this backup: restore a later one/,
  });
  assert.deepEqual(await readdir(elsewhere.folder), ['coordinator.yaml']);
});

test('a site that was revoked after a backup stays revoked when it is restored', async () => {
  const { coordinator, job, elsewhere, restore } = await openBackedUp('revoked');
  const { site } = job.sites[1]!;
  const reason = 'key-compromise';
  await coordinator.admin.POST('/v1/sites/{site}/revoke', { params: { path: { site } }, body: { reason } });
  await coordinator.running.stop();
  assert.deepEqual((await restore()).ended, [job.job]);
  const again = await elsewhere.start();
  after(() => again.running.stop());
  job.moveTo(again);
  const [kept, revoked] = job.sites;
  await kept!.call(FederationService, 'getFederation', {});
  await assert.rejects(revoked!.call(FederationService, 'getFederation', {}), { code: 'UNAUTHENTICATED' });
  const { sites } = await answerOf(again.admin.GET('/v1/status'));
  assert.deepEqual(
    sites.filter((one) => one.revoked !== null).map((one) => one.site),
    [site],
  );
  assert.deepEqual(again.crashes, []);
  const checked = await run(AUDITOR, 'fsck', elsewhere.config.log.directory);
  assert.equal(checked.status, 0, checked.out);
});
