// Under which rosters a site consents to a job, and goes on with one that it has consented to.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  memberFingerprint,
  rosterHash,
  summariseLogits,
  type JobId,
  type Member,
  type Roster,
  type SignedMessage,
  type SiteId,
} from '@blindsum/proto';
import { createAcceptedRosters } from '../../test/fixtures/accepted-rosters.ts';
import { createBelievedLog } from '../../test/fixtures/believed-log.ts';
import { createTestFederation, createTestManifest, documentsOf } from '../../test/fixtures/federation.ts';
import { allowingAll } from '../../test/fixtures/policies.ts';
import { loadConfig } from './config.ts';
import { readSiteData } from './data/site-data.ts';
import { createEncryptor } from './encryption/encryptor.ts';
import { createSiteKeys } from './identity/site-keys.ts';
import { InMemoryCoordinator } from './in-memory-coordinator.fixture.ts';
import { MemoryJournal } from './journal/memory-journal.ts';
import { openSession, type Site } from './open-session.ts';
import type { SiteRosters } from './rosters/site-rosters.ts';
import { runAllJobs } from './site-agent.ts';

const BEGIN_MS = 1_700_000_000_000;
const GIVE_UP_MS = BEGIN_MS + 600_000;
const OWN = 'hospital-a' as SiteId;
const directory = await mkdtemp(join(tmpdir(), 'blindsum-open-'));
const encryptor = createEncryptor();
after(async () => {
  await encryptor.close();
  await rm(directory, { recursive: true });
});

const keys = await createSiteKeys(join(directory, 'keys'));
const { roster: sample } = createTestFederation();
const others = sample.members.filter(({ site }) => site !== OWN);
const first: Roster = { ...sample, members: [keys.member(OWN), ...others] };
const second: Roster = { ...first, version: 2, previous: rosterHash(first) };
const manifest = createTestManifest(first, { rounds: 1 });
const { job } = manifest;

/** A site that has accepted these rosters, and may be told of others. */
async function openSite(accepted: readonly Roster[]) {
  const rows = Array.from(
    { length: 20 },
    (_, i) => `${20 + i},${i / 10},${i % 3 ? 'north' : 'south'},${i % 2}`,
  );
  await writeFile(join(directory, 'rows.csv'), `age,dose,ward,outcome\n${rows.join('\n')}\n`);
  const trust = Object.fromEntries(
    first.members.map((member: Member) => [member.site, memberFingerprint(member)]),
  );
  const terms = { stateDirectory: '.', data: { train: 'rows.csv' }, trust: { members: trust } };
  const config = { site: OWN, federation: first.federation, ...terms };
  await writeFile(join(directory, 'site.yaml'), JSON.stringify(config));
  const { coordinator, transfers } = new InMemoryCoordinator(manifest, first).connect(OWN);
  const sent: SignedMessage[] = [];
  const shown = { roster: first };
  const time = { nowMs: BEGIN_MS };
  const site: Site = {
    coordinator: {
      ...coordinator,
      job: async () => documentsOf(manifest, shown.roster),
      sendConsent: async (_: JobId, consent: SignedMessage) => void sent.push(consent),
    },
    transfers,
    log: createBelievedLog(),
    rosters: createAcceptedRosters(...accepted),
    config: await loadConfig(join(directory, 'site.yaml')),
    policy: allowingAll(),
    keys,
    encryptor,
    journal: new MemoryJournal(),
    readData: readSiteData,
    openTrainer: async ({ holdout }) => ({
      info: () => ({ backend: 'cpu', package: 'test', version: '0', tried: [] }),
      train: () => Promise.reject(new Error('nothing is trained here')),
      evaluate: async (_, bins) => summariseLogits(new Float32Array(holdout.rows), holdout.y, bins),
      predict: async () => new Float32Array(holdout.rows),
      close: async () => undefined,
    }),
    clock: {
      nowMs: () => time.nowMs,
      sleep: async (milliseconds) => {
        time.nowMs += milliseconds;
        // Once the job follows there is real work to wait for, and this clock runs ahead of it.
        assert.ok(time.nowMs < GIVE_UP_MS || shown.roster === second, 'nobody looks at the job any more');
        await new Promise((resolve) => setImmediate(resolve));
      },
    },
    report: () => undefined,
  };
  return { site, sent, shown, time };
}

/** Rosters of which the site knows `roster`, and takes no part under it until a person has approved it. */
function known(roster: Roster, approves: () => boolean): SiteRosters {
  let isAccepted = false;
  const one = () => ({ roster, hash: rosterHash(roster), isAccepted });
  return {
    known: {
      byHash: (hash) => (hash === rosterHash(roster) ? one() : undefined),
      latestAccepted: () => (isAccepted ? one() : undefined),
    },
    follow: async () => void (isAccepted = approves()),
  };
}

test('a site signs nothing under a roster that it knows and has not accepted', async () => {
  const { site, sent } = await openSite([]);
  const waiting = { ...site, rosters: known(first, () => false) };
  await assert.rejects(openSession(waiting, job), { code: 'ROSTER_NOT_APPROVED' });
  assert.deepEqual([site.journal.consent(job), sent], [undefined, []]);
  await openSession({ ...site, rosters: known(first, () => true) }, job);
  assert.equal(sent.length, 1);
});

test('a site consents to no job under an older roster than it goes by', async () => {
  const { site, sent, shown } = await openSite([first, second]);
  await assert.rejects(openSession(site, job), { code: 'BAD_ROSTER' });
  assert.deepEqual([site.journal.consent(job), sent], [undefined, []]);
  shown.roster = second;
  await openSession(site, job);
  assert.equal(site.journal.consent(job)?.rosterHash, rosterHash(second));
});

test('a job that was consented to is opened again with that consent, whatever roster it goes by since', async () => {
  const { site, sent, shown } = await openSite([first]);
  await openSession(site, job);
  shown.roster = second;
  const { terms } = await openSession(site, job);
  assert.equal(terms.rosterHash, rosterHash(second));
  assert.equal(site.journal.consent(job)?.rosterHash, rosterHash(first));
  assert.deepEqual(sent[1], sent[0]);
});

test('a job under an older roster is told of once, looked at again after half a minute, and taken part in when it follows', async () => {
  const { site, shown, time } = await openSite([first, second]);
  const looks: number[] = [];
  const stop = new AbortController();
  const ended: string[] = [];
  const job = async () => {
    looks.push(time.nowMs - BEGIN_MS);
    if (looks.length === 4) shown.roster = second;
    return documentsOf(manifest, shown.roster);
  };
  const sendConsent = async () => stop.abort();
  const coordinator = { ...site.coordinator, job, sendConsent };
  await runAllJobs(
    { ...site, coordinator },
    {
      giveUpAfterMs: 60_000,
      random: () => 0,
      signal: stop.signal,
      onJobEnd: (_, end) => ended.push('code' in end ? end.code : end.kind),
    },
  );
  assert.equal(looks.length, 4);
  for (const [i, at] of looks.slice(1).entries()) {
    const since = at - looks[i]!;
    assert.ok(since >= 30_000 && since < 40_000, `${since} ms`);
  }
  assert.deepEqual(ended, ['BAD_ROSTER', 'interrupted']);
});
