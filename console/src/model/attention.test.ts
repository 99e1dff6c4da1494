import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toAttention } from './attention.ts';
import type { JobDocument, OverviewDocument } from './documents.ts';
import { job, NOW, overview, site } from './documents.fixture.ts';
import { toLiveState } from './live-state.ts';

const DAY_MS = 24 * 3600 * 1000;
const of = (changes: Partial<OverviewDocument>) =>
  toAttention(toLiveState(overview(changes)), NOW).map(({ tone, title, href }) => [tone, title, href]);
const ofJob = (changes: Partial<JobDocument>) => of({ jobs: [job(changes)] });

test('a disk, a certificate and witnesses that fail are told, each by how grave it is', () => {
  const { disk, certificate, log } = overview();
  const witness = { size: 0, cosignedMs: null, lag: 1, reason: 'no answer' };
  const witnesses = [{ ...witness, name: 'w', state: 'failing' as const }];
  assert.deepEqual(
    of({
      disk: { ...disk, state: 'low' },
      certificate: { ...certificate, state: 'expired', expiresMs: NOW - DAY_MS },
      log: { ...log, witnesses },
    }).map(([tone, title]) => [tone, title]),
    [
      ['bad', 'The coordinator’s certificate has expired 24 h ago'],
      ['warn', '1 witness cannot be reached'],
      ['warn', 'The disk is nearly full: uploads wait'],
    ],
  );
  assert.equal(of({ disk: { ...disk, state: 'full' } })[0]?.[0], 'bad');
});

test('a job that failed is told for a week, one that waits for people until it goes on', () => {
  const failed = { state: 'failed', failure: 'MODEL_DISAGREEMENT: round 3' } as const;
  assert.deepEqual(ofJob(failed), [['bad', 'a-job failed', '#/jobs/a-job']]);
  assert.deepEqual(ofJob({ ...failed, submittedMs: NOW - 8 * DAY_MS }), []);
  assert.deepEqual(ofJob({ state: 'paused' }), [['wait', 'a-job is paused', '#/jobs/a-job']]);
  assert.deepEqual(ofJob({ state: 'joining' }), [['wait', 'a-job waits for consents', '#/jobs/a-job']]);
  assert.deepEqual(ofJob({ state: 'finished' }), []);
});

test('a sum that is open and cannot be finished comes first', () => {
  const awaited = [{ site: 'hospital-a', what: 'opening' }];
  const current = { ...job().current!, isCarried: true, awaited };
  const paused = job({ job: 'b-job', state: 'paused' });
  assert.deepEqual(
    of({ jobs: [paused, job({ current })] }).map(([tone, title]) => [tone, title]),
    [
      ['bad', 'a-job waits for sites that are away'],
      ['wait', 'b-job is paused'],
    ],
  );
});

test('a site that is away matters where a job waits for it, and one that is revoked nowhere', () => {
  const current = { ...job().current!, awaited: [{ site: 'hospital-a', what: 'commitment' }] };
  const jobs = [job({ current })];
  const away = site('hospital-a', { online: false, lastSeenMs: null });
  assert.deepEqual(of({ jobs, sites: [away] }), [
    ['warn', 'hospital-a is away, and a-job waits for it', '#/sites/hospital-a'],
  ]);
  const revoked = { reason: 'superseded' as const, atMs: NOW };
  assert.deepEqual(of({ jobs, sites: [{ ...away, revoked }] }), []);
  assert.deepEqual(of({ sites: [site('hospital-b', { online: false })] }), []);
});

test('certificates that end are one thing to look at, the first to end first', () => {
  const ending = (name: string, days: number) =>
    site(name, { certificate: { state: 'expiring', expiresMs: NOW + days * DAY_MS } });
  const [only] = of({ sites: [ending('hospital-b', 5)] });
  assert.deepEqual(only, ['warn', '1 certificate of sites will expire soon', '#/sites/hospital-b']);
  const state = toLiveState(overview({ sites: [ending('hospital-b', 5), ending('hospital-c', 2)] }));
  const [both] = toAttention(state, NOW);
  assert.equal(both?.href, '#/sites');
  assert.match(both.detail, /^hospital-c: .*, then hospital-b\./);
});

test('many jobs that wait for consents are told together, and so are many sites that are away', () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const joining = (count: number) =>
    names.slice(0, count).map((name) => job({ job: name, state: 'joining', current: null }));
  assert.equal(of({ jobs: joining(3) }).length, 3);
  const [together, ...more] = toAttention(toLiveState(overview({ jobs: joining(5) })), NOW);
  assert.deepEqual(together, {
    ...{ tone: 'wait', title: '5 jobs wait for consents', detail: 'a, b, c and 2 more.', href: '#/jobs' },
  });
  assert.deepEqual(more, []);
  const awaited = names.map((name) => ({ site: name, what: 'commitment' }));
  const sites = names.map((name) => site(name, { online: false }));
  assert.deepEqual(of({ jobs: [job({ current: { ...job().current!, awaited } })], sites }), [
    ['warn', '5 sites are away, and jobs wait for them', '#/sites'],
  ]);
});
