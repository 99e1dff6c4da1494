import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manifestHash, rosterHash, type JobId } from '@blindsum/proto';
import { MemoryJournal } from '../journal/memory-journal.ts';
import { NOTHING_ALLOWED } from '../policy/policy.ts';
import { composeSiteView } from './compose-site-view.ts';
import { manifestOf, NOW_MS, offerOf, ROSTER, sampleSources } from './site-view.fixture.ts';
import { siteViewFormat, type JobView } from './site-view.ts';
import { toSiteLines } from './site-lines.ts';

const MESSAGE = { payload: new Uint8Array(3), signature: new Uint8Array(64) };

function jobOf(sources = sampleSources(), name = 'heart-failure'): JobView {
  return composeSiteView(sources).jobs.find(({ job }) => job === name)!;
}

test('the view is what its schema says, and the same sources give the same view', () => {
  const view = composeSiteView(sampleSources());
  assert.deepEqual(siteViewFormat.parse(JSON.parse(JSON.stringify(view))), view);
  assert.deepEqual(composeSiteView(sampleSources()), view);
});

test('what was asked is read from the terms that the author signed', () => {
  const { asks, firstSeenMs } = jobOf();
  assert.deepEqual(asks?.columns, ['age', 'dose', 'ward']);
  assert.equal(asks?.label, 'outcome');
  assert.equal(asks?.uses, 12);
  assert.equal(asks?.author.isVerified, true);
  assert.deepEqual(asks?.others, ['hospital-b', 'hospital-c']);
  assert.equal(firstSeenMs, NOW_MS - 2 * 86_400_000);
});

test('terms that their author did not sign are shown as that', () => {
  const offer = { ...offerOf('heart-failure'), authorSignature: new Uint8Array(64) };
  assert.equal(jobOf(sampleSources({ offers: [offer] })).asks?.author.isVerified, false);
  const unreadable = { ...offer, manifest: new Uint8Array([1]) };
  assert.equal(jobOf(sampleSources({ offers: [unreadable] })).asks, null);
});

test('a decision is shown with who made it, and of a withdrawal the first round without this site', () => {
  const { decision } = jobOf();
  assert.deepEqual(
    [decision.verdict, decision.by, decision.why],
    ['consented', 'dr-lovelace', 'ethics board 17/2026'],
  );
  const left = jobOf(sampleSources(), 'length-of-stay');
  assert.deepEqual([left.decision.verdict, left.withdrawnFromRound], ['withdrawn', 3]);
  assert.equal(left.end?.how, 'withdrawn from round 3 on');
});

test('a consent that nobody gave is the policy’s', () => {
  const journal = new MemoryJournal();
  const hashes = { manifestHash: manifestHash(manifestOf('auto')), rosterHash: rosterHash(ROSTER) };
  journal.recordConsent('auto' as JobId, { ...hashes, message: MESSAGE });
  const works = [{ job: 'auto', consentedMs: 77 }];
  const { decision } = jobOf(sampleSources({ journal, works, offers: [offerOf('auto')] }), 'auto');
  assert.deepEqual(decision, { verdict: 'consented', by: 'policy', why: 'approval: automatic', atMs: 77 });
});

test('a job that a rule forbids names the rule, whether the agent said so or would', () => {
  const stop = { code: 'POLICY_FORBIDS', detail: 'policy.columns: the job reads dose', atMs: 9 };
  const told = sampleSources({
    journal: new MemoryJournal(),
    offers: [offerOf('a')],
    works: [{ job: 'a', stop }],
  });
  assert.deepEqual(jobOf(told, 'a').decision, {
    ...{ verdict: 'forbidden', by: 'policy', why: stop.detail, atMs: 9 },
  });
  const others = { policy: { file: undefined, rules: NOTHING_ALLOWED, problem: '' } };
  const untold = sampleSources({ journal: new MemoryJournal(), offers: [offerOf('a')], works: [], others });
  assert.match(jobOf(untold, 'a').decision.why, /^policy\.authors: .*not listed/);
});

test('of an agent that does not run, nothing is going on', () => {
  assert.equal(jobOf().doing?.permille, 620);
  assert.equal(jobOf(sampleSources({ others: { isRunning: false } })).doing, null);
});

test('no protection is claimed that a job does not have', () => {
  const { protections } = jobOf().asks!;
  assert.equal(protections.noise, 'none');
  assert.equal(protections.clipNorm, '1');
  assert.equal(protections.minContributors, 3);
  assert.equal(protections.members, 3);
  assert.match(protections.says.join('\n'), /No noise was added/);
  const stricter = { file: undefined, rules: { ...NOTHING_ALLOWED, minContributors: 7 }, problem: '' };
  const demanding = jobOf(sampleSources({ others: { policy: stricter } })).asks!.protections;
  assert.equal(demanding.minContributors, 7, 'the policy of this site demands more than the job');
  const { privacy } = composeSiteView(sampleSources());
  assert.deepEqual([privacy.budget, privacy.contributedRounds], [null, 8]);
  assert.doesNotMatch(JSON.stringify(privacy), /epsilon|ε/i);
});

test('what left is counted by kind and by attempt, and every kind says its form and its readers', () => {
  const { sent } = composeSiteView(sampleSources());
  const ciphertext = sent.kinds.find(({ kind }) => kind === 'ciphertext')!;
  assert.deepEqual([ciphertext.times, ciphertext.bytes], [4, 32_830 + 3 * 4_096_120]);
  assert.match(ciphertext.readers, /^nobody/);
  assert.equal(sent.kinds[0]?.kind, 'ciphertext');
  assert.deepEqual(
    sent.attempts.map(({ round }) => round),
    [3, 2, 1, 0],
  );
  assert.equal(
    sent.bytes,
    sent.kinds.reduce((sum, { bytes }) => sum + bytes, 0),
  );
});

test('a person is asked to look at what needs one, alarms first, and at nothing otherwise', () => {
  const quiet = composeSiteView(sampleSources({ offers: [], works: [] })).attention;
  assert.deepEqual(quiet, []);
  const alarmed = sampleSources({
    others: {
      certificate: { expiresMs: NOW_MS - 1, renewsMs: NOW_MS - 2, isExpiring: true },
      disk: { ...sampleSources().disk, freeBytes: 1_000 },
    },
  });
  const { attention, certificate } = composeSiteView(alarmed);
  assert.equal(certificate?.state, 'expired');
  assert.deepEqual(
    attention.map(({ level }) => level),
    ['alarm', 'alarm', 'decision'],
  );
  assert.match(attention[2]!.command, /jobs show sepsis-early$/);
});

test('a coordinator that is away is an alarm after ten minutes, and not before', () => {
  const away = (agoMs: number) =>
    composeSiteView(
      sampleSources({
        offers: [],
        works: [],
        others: {
          sent: {
            totals: () => [],
            contact: () => ({ answeredMs: NOW_MS - agoMs, failedMs: NOW_MS, failure: 'ECONNREFUSED' }),
          },
        },
      }),
    );
  assert.equal(away(60_000).coordinator.state, 'away');
  assert.deepEqual(away(60_000).attention, []);
  assert.match(away(11 * 60_000).attention[0]!.what, /for 11 minutes: ECONNREFUSED/);
});

test('the terminal shows who decided, what left, and that there is no noise', () => {
  const text = toSiteLines(composeSiteView(sampleSources())).join('\n');
  assert.match(text, /^hospital-a of test\.example/);
  assert.match(text, /> sepsis-early waits for a decision/);
  assert.match(text, /heart-failure: round 4 of 11 \(training\): training 62 %/);
  assert.match(text, /heart-failure: consented, by dr-lovelace, 2026-11-27 12:00:00 UTC: ethics board/);
  assert.match(
    text,
    /encrypted update +4 × +11\.8 MiB.*\n +form +the update .*, encrypted under .*\n +read by +nobody; only the sum/,
  );
  assert.match(text, /No noise was added/);
  assert.match(text, /NVIDIA L4, 37 % busy, 2110 of 23034 MiB used/);
});

test('a site of which nothing was asked is told so', () => {
  const sources = sampleSources({ journal: new MemoryJournal(), works: [], offers: [] });
  const text = toSiteLines(composeSiteView(sources)).join('\n');
  assert.match(text, /^Now\n {2}no job is under way$/m);
  assert.match(text, /^Asked of the rows of this site\n {2}no job has been shown to this site$/m);
});

test('nothing that others wrote moves the cursor of a terminal', () => {
  const stop = { code: 'REFUSED', detail: 'no\u001b[2J\nfingerprint forged', atMs: 9 };
  const sources = sampleSources({ journal: new MemoryJournal(), works: [{ job: 'a', stop }], offers: [] });
  const lines = toSiteLines(composeSiteView(sources));
  assert.ok(lines.some((line) => line.includes('no [2J fingerprint forged')));
  assert.ok(lines.every((line) => !/\p{Cc}/u.test(line)));
});
