// Backup and restore of a real coordinator, with the programs that operators and auditors use.
import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createBackup } from '../coordinator/src/backup/create-backup.ts';
import { listFiles } from '../coordinator/src/backup/copied-files.ts';
import { restoreBackup } from '../coordinator/src/backup/restore-backup.ts';
import { EXIT } from '@blindsum/proto';
import { trustAuthorityFile } from '@blindsum/proto/node';
import { answerOf } from '@blindsum/admin-client';
import type { Config } from '../coordinator/src/config.ts';
import { TestJob } from '../coordinator/src/whole-rounds.fixture.ts';
import { openPlace, QUIET, run } from './fixtures/backed-up-coordinator.ts';

const ROOT = join(import.meta.dirname, '..');
const COORDINATOR = join(ROOT, 'coordinator/bin/blindsum-coordinator');
const AUDITOR = join(ROOT, 'auditor/bin/blindsum-audit');

const root = await mkdtemp(join(tmpdir(), 'bs-b-'));
after(() => rm(root, { recursive: true }));

const open = (name: string, log = '') => openPlace(root, name, log);

async function auditIsClean({ config }: { config: Config }, rounds: number): Promise<void> {
  const archive = join(config.stateDirectory, 'blobs');
  const audited = await run(AUDITOR, 'verify-round', config.log.directory, '--all', '--archive', archive);
  assert.match(audited.out, new RegExp(`^VERIFIED: ${rounds} of ${rounds} published rounds`));
  const checked = await run(AUDITOR, 'fsck', config.log.directory);
  assert.equal(checked.status, 0, checked.out);
}

test('a coordinator is copied while it works, and its job goes on from the copy in the middle of a round', async () => {
  const place = await open('running');
  const coordinator = await place.start();
  after(() => coordinator.running.stop());
  const job = await TestJob.start(coordinator);
  after(() => job.close());
  await job.play(1);
  const round = await job.current();
  const [a, b] = job.sites;
  await round.contribute(a!);
  await round.upload(b!);
  const out = join(place.folder, 'backup');
  const made = await run(COORDINATOR, 'backup', '--config', place.file, '--out', out, '--json');
  assert.equal(made.status, 0, made.err);
  const report = JSON.parse(made.out) as { logSize: number; isRunning: boolean; files: number };
  assert.deepEqual([report.logSize, report.isRunning], [8, true]);
  for (const path of await listFiles(out))
    assert.equal((await stat(join(out, path))).mode & 0o077, 0, `${path} is readable by others`);
  assert.equal((await readdir(place.folder)).filter((name) => name.includes('.partial')).length, 0);
  await coordinator.running.stop();
  await rename(place.config.stateDirectory, join(place.folder, 'lost'));

  const published = join(place.folder, 'lost', 'log');
  const restored = await run(COORDINATOR, 'restore', out, '--config', place.file, '--published', published);
  assert.equal(restored.status, 0, restored.err);
  const again = await place.start();
  after(() => again.running.stop());
  // The accepted contribution is there; the sites send what is missing, and what they sent before is a retry.
  job.moveTo(again);
  const resumed = round.at(job.sites);
  for (const site of job.sites) await resumed.contribute(site);
  await resumed.finish();
  await job.play(1);
  assert.deepEqual(again.crashes, []);
  await auditIsClean(place, 3);
});

test('a backup that is behind the published log is refused, by folder and by address, and nothing is signed', async () => {
  const place = await open('behind');
  const coordinator = await place.start();
  after(() => coordinator.running.stop());
  const job = await TestJob.start(coordinator, { rounds: 3 });
  after(() => job.close());
  await job.play(1);
  const old = join(place.folder, 'old');
  await createBackup({ ...QUIET, config: place.config, out: old });
  await job.play(2);
  const authority = join(place.config.stateDirectory, 'identity/authority.pem');
  const elsewhere = await open('behind-elsewhere', `trustedCaFile: ${authority}\n`);
  // As the coordinator itself does at its start.
  await trustAuthorityFile(authority, 'trustedCaFile');
  const address = `${coordinator.running.httpUrl}/log/`;
  for (const copy of [place.config.log.directory, address]) {
    const refused = await run(COORDINATOR, 'restore', old, '--config', elsewhere.file, '--published', copy);
    assert.match(
      refused.err,
      /^blindsum-coordinator: BAD_CHECKPOINT: .* is ahead: it has 12 entries, and here are 8\./,
    );
    assert.equal(refused.status, EXIT.evidence);
  }
  assert.deepEqual(await readdir(elsewhere.folder), ['coordinator.yaml']);
  const unsaid = await run(COORDINATOR, 'restore', old, '--config', elsewhere.file);
  assert.match(
    unsaid.err,
    /CONFIG_INVALID: a backup that is behind its published log must not go on: .*--no-published-log/,
  );

  // A copy by hand is caught as well, if the configuration knows a mirror; one that is down stops nobody.
  const byHand = await open('by-hand', `log: { mirrors: ["${address}", "nowhere"] }\n`);
  await restoreBackup({
    ...QUIET,
    config: { ...byHand.config, log: { ...byHand.config.log, mirrors: [] } },
    from: old,
    published: 'none',
  });
  const note = await readFile(join(byHand.config.log.directory, 'checkpoint'), 'utf8');
  await assert.rejects(byHand.start(), { code: 'BAD_CHECKPOINT' });
  assert.equal(await readFile(join(byHand.config.log.directory, 'checkpoint'), 'utf8'), note);
  const { published } = JSON.parse(
    await readFile(join(byHand.config.stateDirectory, 'restored.json'), 'utf8'),
  ) as { published: unknown[] };
  assert.deepEqual(published, [], 'that there was no published log is written down');

  // The federation and its log go on without the job: what was decided about it is in no backup.
  const without = await open('behind-without', `trustedCaFile: ${authority}\n`);
  const flags = ['--published', address, '--end-open-jobs', '--json'];
  const ended = await run(COORDINATOR, 'restore', old, '--config', without.file, ...flags);
  assert.deepEqual((JSON.parse(ended.out) as { ended: string[] }).ended, [job.job], ended.err);
  for (const path of await listFiles(place.config.log.directory))
    if (!path.startsWith('tmp/'))
      assert.deepEqual(
        await readFile(join(without.config.log.directory, path)),
        await readFile(join(place.config.log.directory, path)),
        path,
      );
  const later = await without.start();
  after(() => later.running.stop());
  const { jobs } = await answerOf(later.admin.GET('/v1/status'));
  assert.equal(jobs[0]!.state, 'cancelled');
  assert.match(jobs[0]!.failure!, /restored from a backup that is older than its log/);
  job.moveTo(later);
  const next = await TestJob.start(later, { job: 'next-job' }, job.sites);
  await next.play(3);
  assert.deepEqual(later.crashes, []);
  const checked = await run(AUDITOR, 'fsck', without.config.log.directory);
  assert.equal(checked.status, 0, checked.out);

  // With a backup that is up to date the same job goes on, and ends.
  const fresh = join(place.folder, 'fresh');
  await createBackup({ ...QUIET, config: place.config, out: fresh });
  const from = await run(
    COORDINATOR,
    'restore',
    fresh,
    '--config',
    elsewhere.file,
    '--published',
    address,
    '--json',
  );
  assert.equal(from.status, 0, from.err);
  await coordinator.running.stop();
  const again = await elsewhere.start();
  after(() => again.running.stop());
  job.moveTo(again);
  await job.play(2);
  assert.deepEqual(again.crashes, []);
  await auditIsClean(elsewhere, 5);
});

test('a log that is kept elsewhere and survives is what a backup is compared with, and is left as it is', async () => {
  const place = await open('survivor', 'log: { directory: public }\n');
  const coordinator = await place.start();
  after(() => coordinator.running.stop());
  const job = await TestJob.start(coordinator);
  after(() => job.close());
  const old = join(place.folder, 'old');
  const fresh = join(place.folder, 'fresh');
  await createBackup({ ...QUIET, config: place.config, out: old });
  await job.play(1);
  await coordinator.running.stop();
  // Of one that is stopped as well.
  const made = await run(COORDINATOR, 'backup', '--config', place.file, '--out', fresh, '--json');
  assert.equal((JSON.parse(made.out) as { isRunning: boolean }).isRunning, false);
  await rm(place.config.stateDirectory, { recursive: true });
  const refused = await run(COORDINATOR, 'restore', old, '--config', place.file, '--no-published-log');
  assert.match(refused.err, /BAD_CHECKPOINT: .*public is ahead/);
  const restored = await run(COORDINATOR, 'restore', fresh, '--config', place.file);
  assert.equal(restored.status, 0, restored.err);
  const again = await place.start();
  after(() => again.running.stop());
  job.moveTo(again);
  await job.play(2);
  await auditIsClean(place, 3);
});

test('a state that is there, another federation, a changed or incomplete backup and a forged log are refused', async () => {
  const place = await open('refused');
  const coordinator = await place.start();
  after(() => coordinator.running.stop());
  const job = await TestJob.start(coordinator);
  job.close();
  const good = join(place.folder, 'good');
  await createBackup({ ...QUIET, config: place.config, out: good });
  const attempt = async (config: Config, from: string, published: 'none' | { sources: string[] } = 'none') =>
    restoreBackup({ ...QUIET, config, from, published });
  await assert.rejects(createBackup({ ...QUIET, config: place.config, out: good }), {
    code: 'CONFIG_INVALID',
  });
  await assert.rejects(attempt(place.config, good), { code: 'CONFIG_INVALID', detail: /is not empty/ });
  const { config, folder } = await open('refused-elsewhere');
  await assert.rejects(attempt({ ...config, federation: 'other.example' }, good), { code: 'CONFIG_INVALID' });
  await assert.rejects(attempt(config, folder), { code: 'NOT_FOUND' });
  const damages: Record<string, (backup: string) => Promise<unknown>> = {
    changed: (backup) => writeFile(join(backup, 'identity/authority.pem'), 'x'),
    lacking: (backup) => rm(join(backup, 'log-keys/record-key.pem')),
    escaping: async (backup) => {
      const text = await readFile(join(backup, 'manifest.json'), 'utf8');
      await writeFile(
        join(backup, 'manifest.json'),
        text.replace('identity/authority.pem', '../authority.pem'),
      );
    },
  };
  for (const [name, damage] of Object.entries(damages)) {
    const damaged = join(folder, name);
    await cp(good, damaged, { recursive: true });
    await damage(damaged);
    await assert.rejects(attempt(config, damaged), { code: 'MALFORMED' }, name);
    await rm(damaged, { recursive: true });
  }
  const other = await open('refused-other');
  const stranger = await other.start();
  await stranger.running.stop();
  const forged = { sources: [other.config.log.directory] };
  await assert.rejects(attempt(config, good, forged), {
    code: 'BAD_CHECKPOINT',
    detail: /not signed by the key/,
  });
  await assert.rejects(attempt(config, good, { sources: ['nowhere'] }), { code: 'UNAVAILABLE' });
  assert.deepEqual(await readdir(folder), ['coordinator.yaml']);
  await coordinator.running.stop();
});

test('a copy made at any moment of a round is one from which a coordinator starts', async () => {
  const place = await open('moments');
  const coordinator = await place.start();
  after(() => coordinator.running.stop());
  const job = await TestJob.start(coordinator);
  after(() => job.close());
  let isOver = false;
  const played = job.play(3).finally(() => (isOver = true));
  for (let n = 0; !isOver || n < 3; n++) {
    const out = join(place.folder, `backup-${n}`);
    await createBackup({ ...QUIET, config: place.config, out });
    const copy = await open(`moment-${n}`);
    await restoreBackup({ ...QUIET, config: copy.config, from: out, published: 'none' });
    const restarted = await copy.start();
    await restarted.running.stop();
    assert.deepEqual(restarted.crashes, []);
    const checked = await run(AUDITOR, 'fsck', copy.config.log.directory);
    assert.equal(checked.status, 0, checked.out);
  }
  await played;
  await coordinator.running.stop();
});
