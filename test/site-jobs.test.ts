// What a person at a site does about jobs, against a real coordinator: list, show, approve, refuse, withdraw.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  authorFingerprint,
  consentCodec,
  manifestHash,
  parseManifest,
  parseRoster,
  parseSiteGrant,
  rosterHash,
  type JobId,
} from '@blindsum/proto';
import { JobService } from '@blindsum/proto/rpc';
import { answerOf } from '@blindsum/admin-client';
import { adoptRoster } from '../coordinator/src/adoption.fixture.ts';
import {
  admitTestSite,
  FEDERATION,
  startTestCoordinator,
  TestSite,
  type TestCoordinator,
} from '../coordinator/src/federation.fixture.ts';
import { submitTestJob } from '../coordinator/src/submitted-job.fixture.ts';
import { enroll } from '../participant/src/commands/enroll.ts';
import { approveJob, listJobs, refuseJob, showJob, withdrawJob } from '../participant/src/commands/jobs.ts';
import { loadConfig, type Config } from '../participant/src/config.ts';
import { loadSiteKeys } from '../participant/src/identity/site-keys.ts';
import { openSqliteJournal } from '../participant/src/journal/sqlite-journal.ts';
import { TEST_AUTHOR } from './fixtures/federation.ts';
import { ALLOW_ALL } from './fixtures/policies.ts';

const JOB = 'test-job' as JobId;
const OPTIONS = { job: JOB, reason: 'the board said so', by: 'dr-who' };
let folder: string;
let coordinator: TestCoordinator;
let config: Config;
let sites: TestSite[];
let own: TestSite;

const setPolicy = (changes: object) =>
  writeFile(join(folder, 'policy.yaml'), JSON.stringify({ ...ALLOW_ALL, approval: 'person', ...changes }));

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bs-site-jobs-'));
  coordinator = await startTestCoordinator();
  await writeFile(
    join(folder, 'site.yaml'),
    `site: hospital-a\nfederation: ${FEDERATION}\nstateDirectory: .\ndata: { train: rows.csv }\nnetwork: { proxy: none }\npolicy: policy.yaml\n`,
  );
  await setPolicy({ authors: [] });
  config = await loadConfig(join(folder, 'site.yaml'));
  const wish = { site: 'hospital-a', lifetimeMs: 60_000, replaces: false };
  const { token } = await answerOf(coordinator.admin.POST('/v1/invitations', { body: wish }));
  await enroll(config, { token }, () => {});
  own = await ownSite();
  sites = [
    own,
    await admitTestSite(coordinator, 'hospital-b'),
    await admitTestSite(coordinator, 'hospital-c'),
  ];
  await adoptRoster(coordinator, sites);
  await submitTestJob(coordinator.admin, { description: 'Sepsis within a day.' });
});

after(async () => {
  for (const site of sites) site.close();
  await coordinator.remove();
  await rm(folder, { recursive: true });
  assert.deepEqual(coordinator.crashes, []);
});

/** The enrolled site, to sign what its agent would. */
async function ownSite(): Promise<TestSite> {
  const keys = await loadSiteKeys(folder, {});
  const grant = parseSiteGrant(await readFile(join(folder, 'grant.json')));
  const tlsKey = keys.tlsKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  return new TestSite(grant, { request: keys.member(grant.site), sign: keys.signer.sign, tlsKey });
}

/** What a command prints: for people, and as JSON. */
async function told(act: (print: (json: object, text: string) => void) => Promise<void>) {
  const answers: { json: Record<string, unknown>; text: string }[] = [];
  await act((json, text) => answers.push({ json: json as Record<string, unknown>, text }));
  assert.equal(answers.length, 1);
  return answers[0]!;
}

const list = () => told((print) => listJobs(config, print));
const show = () => told((print) => showJob(config, JOB, print));

/** As the agent does once it may. */
async function consent(): Promise<void> {
  const { manifest, roster } = await own.call(JobService, 'getJob', { job: JOB });
  const named = {
    manifestHash: manifestHash(parseManifest(manifest)),
    rosterHash: rosterHash(parseRoster(roster)),
  };
  const message = own.sign(consentCodec, { federation: FEDERATION, job: JOB, site: own.site, ...named });
  const journal = openSqliteJournal(join(folder, 'journal.sqlite'));
  journal.recordConsent(JOB, { ...named, message });
  journal.close();
  await own.call(JobService, 'consent', { job: JOB, consent: message });
}

test('a job that nobody has decided on is listed, and shown with the rule that stops it', async () => {
  const { json, text } = await list();
  assert.equal(text, `${JOB}: joining; nobody has decided, and this site has not consented`);
  assert.equal((json['jobs'] as object[]).length, 1);
  const shown = await show();
  assert.match(shown.text, /^Job test-job of test\.example: Sepsis within a day\.\n/);
  assert.match(shown.text, /\n {2}FORBIDS authors: the author is Ada Author/);
  assert.match(shown.text, /It is stopped by: POLICY_FORBIDS: policy\.authors: /);
  await assert.rejects(
    approveJob(config, OPTIONS, () => {}),
    { code: 'POLICY_FORBIDS' },
  );
});

test('with its author in the policy, a job waits for a person, who may refuse it', async () => {
  await setPolicy({ authors: [authorFingerprint(TEST_AUTHOR)] });
  assert.match((await show()).text, /It is stopped by: APPROVAL_NEEDED: .*jobs approve test-job/);
  const refused = await told((print) => refuseJob(config, OPTIONS, print));
  assert.deepEqual(refused.json, { job: JOB, verdict: 'refused' });
  assert.match(
    (await show()).text,
    /It is stopped by: APPROVAL_NEEDED: .*dr-who refused it: the board said so/,
  );
  assert.match((await list()).text, /refused by dr-who/);
});

test('an approval takes the place of the refusal, and nothing stops the job', async () => {
  const approved = await told((print) => approveJob(config, OPTIONS, print));
  assert.match(approved.text, /^test-job is approved: manifest [0-9a-f]{64}$/);
  const { json, text } = await show();
  assert.match(text, /Here: approved by dr-who .*\nNothing stops it\.$/);
  assert.equal(json['stops'], null);
});

test('nothing can be taken back that was not given, and what was given cannot be refused', async () => {
  await assert.rejects(
    withdrawJob(config, OPTIONS, () => {}),
    { code: 'WRONG_PHASE' },
  );
  await consent();
  await assert.rejects(
    refuseJob(config, OPTIONS, () => {}),
    { code: 'WRONG_PHASE' },
  );
  assert.match((await show()).text, /Here: consented, approved by dr-who/);
});

test('a job that goes on under other members is shown as stopped where the policy asks for another approval', async () => {
  sites.push(await admitTestSite(coordinator, 'hospital-d'));
  await adoptRoster(coordinator, sites);
  assert.equal((await show()).json['stops'], null);
  await setPolicy({ approval: 'each-roster' });
  assert.match(String((await show()).json['stops']), /^APPROVAL_NEEDED: .*under roster version 2/);
  await told((print) => approveJob(config, OPTIONS, print));
  assert.equal((await show()).json['stops'], null);
});

test('a withdrawal is told to the coordinator, once and for good', async () => {
  const { json } = await told((print) => withdrawJob(config, OPTIONS, print));
  assert.deepEqual(json, { job: JOB, verdict: 'withdrawn', fromRound: 0 });
  assert.deepEqual((await told((print) => withdrawJob(config, OPTIONS, print))).json, json);
  assert.match((await list()).text, /withdrawn from round 0 on by dr-who/);
  assert.match(String((await show()).json['stops']), /withdrawn, for good/);
});

test('a reason is one line', async () => {
  for (const reason of ['a\nb', 'x'.repeat(201)])
    await assert.rejects(
      refuseJob(config, { ...OPTIONS, reason }, () => {}),
      { code: 'CONFIG_INVALID' },
    );
});
