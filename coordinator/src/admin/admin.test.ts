import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { encodeSiteRequest, parseSiteGrant, Refusal, type SiteRequest } from '@blindsum/proto';
import { approveProposal } from '../adoption.fixture.ts';
import { createAuthorKey, publicPath } from '../author/author-files.ts';
import { authorSign } from '../commands/author.ts';
import { admit, status, type Output } from '../commands/operator.ts';
import { proposeRoster, showRoster } from '../commands/roster.ts';
import { submit, writeManifest } from '../commands/submit.ts';
import {
  createSiteRequest,
  FEDERATION,
  startTestCoordinator,
  TEST_JOB,
  TestSite,
  type TestCoordinator,
} from '../federation.fixture.ts';

let coordinator: TestCoordinator;
let folder: string;
const sites: TestSite[] = [];
let configPath: string;
let authorKey: string;

before(async () => {
  coordinator = await startTestCoordinator();
  folder = await mkdtemp(join(tmpdir(), 'bs-admin-'));
  configPath = join(folder, 'coordinator.yaml');
  authorKey = join(folder, 'author.key');
  await createAuthorKey(authorKey, 'Ada Author');
  await writeFile(
    configPath,
    `federation: ${FEDERATION}\nstateDirectory: ${coordinator.config.stateDirectory}\n`,
  );
});

after(async () => {
  for (const site of sites) site.close();
  await coordinator.remove();
  await rm(folder, { recursive: true });
});

const refused =
  (code: string, detail = /./) =>
  (error: unknown) =>
    error instanceof Refusal && error.code === code && detail.test(error.detail);

function output(json = false): Output & { readonly lines: string[] } {
  const lines: string[] = [];
  return { json, lines, print: (line) => lines.push(line) };
}

async function admitRequest(request: SiteRequest, name: string = request.site) {
  const files = { request: join(folder, `${name}.request.json`), grant: join(folder, `${name}.grant.json`) };
  await writeFile(files.request, encodeSiteRequest(request));
  const printed = output(true);
  await admit(configPath, files, printed);
  return { grant: parseSiteGrant(await readFile(files.grant)), lines: printed.lines };
}

async function submitText(text: string, json = false) {
  const path = join(folder, 'job.yaml');
  await writeFile(path, text);
  const printed = output(json);
  await submit(configPath, { job: path, authorKey }, printed);
  return printed.lines;
}

const jobText = (changes: object = {}) => JSON.stringify({ ...TEST_JOB, ...changes });

test('only the operator can open the socket', async () => {
  const { mode } = await stat(join(coordinator.config.stateDirectory, 'admin.sock'));
  assert.equal(mode & 0o777, 0o600);
  assert.equal((await stat(coordinator.config.stateDirectory)).mode & 0o777, 0o700);
});

/** Admits a site that can approve a roster. */
async function admitSite(name: string): Promise<void> {
  const { request, sign, tlsKey } = await createSiteRequest(name);
  const { grant } = await admitRequest(request);
  sites.push(new TestSite(grant, { request, sign, tlsKey }));
}

test('a job needs a roster, and a roster sites', async () => {
  await assert.rejects(
    submitText(jobText()),
    refused('CONFIG_INVALID', /there is no roster: admit the sites/),
  );
  await assert.rejects(
    proposeRoster(configPath, { replace: false }, output()),
    refused('CONFIG_INVALID', /admit at least two sites/),
  );
});

test('a site is admitted by its request, and again with the same keys', async () => {
  const { request, sign, tlsKey } = await createSiteRequest('hospital-a');
  const { grant, lines } = await admitRequest(request);
  sites.push(new TestSite(grant, { request, sign, tlsKey }));
  assert.equal(grant.coordinator, coordinator.running.advertise);
  assert.equal(grant.federation, FEDERATION);
  assert.deepEqual((JSON.parse(lines[0]!) as { site: string }).site, 'hospital-a');
  assert.equal((await admitRequest(request)).grant.site, 'hospital-a');
});

test('other keys under an admitted name, another federation and a damaged request are refused', async () => {
  const { request } = await createSiteRequest('hospital-a');
  await assert.rejects(admitRequest(request), refused('CONFLICTING_SUBMISSION'));
  const elsewhere = { ...request, federation: 'other.example' };
  await assert.rejects(admitRequest(elsewhere), refused('NOT_A_MEMBER', /other\.example/));
  const damaged = { ...request, site: 'hospital-z' as never, csr: request.csr.replace(/[A-Z]/, 'x') };
  await assert.rejects(admitRequest(damaged), (error) => error instanceof Refusal);
  await assert.rejects(
    admit(configPath, { request: join(folder, 'none.json'), grant: 'x' }, output()),
    refused('NOT_FOUND', /none\.json: cannot be read/),
  );
});

test('the operator proposes the admitted sites, sees who has approved, and submits once all have', async () => {
  for (const name of ['hospital-b', 'hospital-c']) await admitSite(name);
  const proposed = output();
  await proposeRoster(configPath, { replace: false }, proposed);
  assert.match(proposed.lines.join('\n'), /^no roster is adopted\nproposed as version 1 \([0-9a-f]{64}\):$/m);
  assert.match(proposed.lines.join('\n'), /^ {2}joins: hospital-a {2}([0-9a-f]{4}-){9}[0-9a-f]{4}$/m);
  await approveProposal(sites[0]!);
  const shown = output();
  await showRoster(configPath, shown);
  assert.match(
    shown.lines.join('\n'),
    /^ {2}approved by: hospital-a\n {2}waits for hospital-b, hospital-c$/m,
  );
  await assert.rejects(
    submitText(jobText()),
    refused('CONFIG_INVALID', /the first roster waits for the approval of hospital-b, hospital-c/),
  );
  for (const site of sites.slice(1)) await approveProposal(site);
  const adopted = output();
  await showRoster(configPath, adopted);
  assert.match(adopted.lines.join('\n'), /^roster version 1 \([0-9a-f]{64}\) with 3 members:$/m);
});

test('a proposal that a site has approved is replaced only if that is said', async () => {
  await admitSite('hospital-x');
  await proposeRoster(configPath, { replace: false }, output());
  await approveProposal(sites[0]!);
  await admitSite('hospital-y');
  await assert.rejects(
    proposeRoster(configPath, { replace: false }, output()),
    refused('CONFLICTING_SUBMISSION', /has approvals/),
  );
  const replaced = output();
  await proposeRoster(configPath, { replace: true }, replaced);
  assert.match(replaced.lines.join('\n'), /joins: hospital-y/);
  assert.match(replaced.lines.join('\n'), /approved by: nobody/);
});

test('a job is submitted to the sites of the roster; the same again is a retry, another is refused', async () => {
  const [answer] = await submitText(jobText(), true);
  const {
    sites: members,
    threshold,
    state,
  } = JSON.parse(answer!) as {
    sites: string[];
    threshold: number;
    state: string;
  };
  assert.deepEqual(
    { sites: members, threshold, state },
    { sites: ['hospital-a', 'hospital-b', 'hospital-c'], threshold: 2, state: 'joining' },
  );
  assert.deepEqual(await submitText(jobText(), true), [answer]);
  await assert.rejects(submitText(jobText({ rounds: 2 })), refused('CONFLICTING_SUBMISSION'));
});

test('a job is signed where its author is, and what was altered on the way is refused', async () => {
  const at = (name: string) => join(folder, name);
  await writeFile(at('offline.yaml'), jobText({ job: 'offline' }));
  const made = { job: at('offline.yaml'), author: publicPath(authorKey), out: at('manifest.json') };
  await writeManifest(configPath, made, output());
  const shown = output();
  await authorSign({ manifest: at('manifest.json'), authorKey, out: at('signed.json') }, shown);
  assert.match(shown.lines.join('\n'), /offline of .*: \d+ parameters.*on the columns .*outcome/);
  const other = at('other.key');
  await createAuthorKey(other, 'Mallory');
  await assert.rejects(
    authorSign({ manifest: at('manifest.json'), authorKey: other, out: at('x.json') }, output()),
    refused('CONFIG_INVALID', /names Ada Author .* the key is of Mallory/),
  );
  const signed = JSON.parse(await readFile(at('signed.json'), 'utf8')) as { manifest: string };
  const manifest = Buffer.from(signed.manifest, 'base64').toString('utf8');
  const altered = Buffer.from(manifest.replace('"epochs":1', '"epochs":9')).toString('base64');
  await writeFile(at('altered.json'), JSON.stringify({ ...signed, manifest: altered }));
  await assert.rejects(
    submit(configPath, { signed: at('altered.json') }, output()),
    refused('BAD_SIGNATURE', /author/),
  );
  const answer = output();
  await submit(configPath, { signed: at('signed.json') }, answer);
  assert.match(answer.lines.join('\n'), /^offline is joining/);
});

test('mistakes in a job file are named with the file and the place', async () => {
  const mistakes: [string, string, RegExp][] = [
    [jobText({ rounds: 0 }), 'CONFIG_INVALID', /^job\.yaml: rounds: /],
    [jobText({ colour: 'red' }), 'CONFIG_INVALID', /^job\.yaml: .*colour/],
    ['job: [', 'CONFIG_INVALID', /^job\.yaml:1:\d+: /],
    [jobText({ job: 'other', contributors: { minimum: 2 } }), 'MANIFEST_INVALID', /allowTwoSites/],
    [jobText({ job: 'other', threshold: 1000 }), 'MANIFEST_INVALID', /threshold/],
  ];
  for (const [text, code, place] of mistakes)
    await assert.rejects(submitText(text), refused(code, place), text);
});

test('a site admitted later is in the next roster, and in the jobs submitted after that', async () => {
  for (const site of sites) await approveProposal(site);
  const [answer] = await submitText(jobText({ job: 'second-job' }), true);
  assert.equal((JSON.parse(answer!) as { sites: string[] }).sites.length, 5);
  const shown = await (await coordinator.get('/v1/jobs/second-job')).json();
  assert.equal((shown as { members: unknown[] }).members.length, 5);
});

test('the status names sites and jobs, for people and for programs', async () => {
  const [people, programs] = [output(), output(true)];
  await status(configPath, people);
  await status(configPath, programs);
  assert.match(people.lines.join('\n'), /^site hospital-a: offline$/m);
  assert.match(people.lines.join('\n'), /^job test-job: joining$/m);
  assert.equal((JSON.parse(programs.lines[0]!) as { jobs: unknown[] }).jobs.length, 3);
});

test('state survives a restart, and a coordinator that does not run is named with the way to start it', async () => {
  const { authorityFingerprint } = coordinator.running;
  await coordinator.running.stop();
  await assert.rejects(
    status(configPath, output()),
    refused(
      'UNAVAILABLE',
      /admin\.sock; start it with: blindsum-coordinator serve --config .*coordinator\.yaml$/,
    ),
  );
  coordinator = await coordinator.startAnother();
  assert.equal(coordinator.running.authorityFingerprint, authorityFingerprint);
  const again = output();
  await status(configPath, again);
  assert.match(again.lines.join('\n'), /job second-job: joining/);
});

test('a second coordinator on the same state is refused', async () => {
  await assert.rejects(
    coordinator.startAnother(),
    refused('CONFIG_INVALID', /another coordinator runs with this state directory/),
  );
});
