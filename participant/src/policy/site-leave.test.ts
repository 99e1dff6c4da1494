// What takes a site's leave to contribute, for now or for good; and what it needs to consent at all.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  manifestHash,
  openSignedMessage,
  Refusal,
  rosterHash,
  withdrawalCodec,
  type Digest,
  type JobId,
} from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import { createTestFederation, createTestManifest } from '../../../test/fixtures/federation.ts';
import { allowAll } from '../../../test/fixtures/policies.ts';
import type { Decision } from '../journal/decision-journal.ts';
import { MemoryJournal } from '../journal/memory-journal.ts';
import type { SiteTerms } from '../session/site-terms.ts';
import { describeStanding, standingOf } from './job-standing.ts';
import { verifyPermitted } from './permission.ts';
import { siteLeave, withdraw } from './site-leave.ts';

const { roster, sites } = createTestFederation();
const own = sites[0]!;
const manifest = createTestManifest(roster);
const JOB = manifest.job;
const terms: SiteTerms = {
  site: own.site,
  manifest,
  roster,
  ...{ manifestHash: manifestHash(manifest), rosterHash: rosterHash(roster) },
  policy: { minContributors: 3, allowTwoSites: false },
  knownRoster: () => undefined,
  verify: verifyEd25519,
};
const NOON = Date.parse('2026-01-15T12:00:00Z');
const message = { payload: new Uint8Array(3), signature: new Uint8Array(64) };
const files = { ciphertext: 'c', shares: 's' };
const BY = { decidedBy: 'dr-who', reason: 'the board said no', atMs: NOON };

function openSource(current: () => ReturnType<typeof allowAll> = () => allowAll()) {
  const journal = new MemoryJournal();
  const source = {
    ...{ terms, journal, clock: { nowMs: () => NOON } },
    keys: { sign: own.sign },
    memory: { isWithdrawalTold: false },
    policy: { current: async () => current() },
  };
  return { journal, source };
}

test('leave is given while policy and hours allow', async () => {
  assert.deepEqual(await siteLeave(openSource().source), { kind: 'given' });
  const day = openSource(() => allowAll({ hours: '11:00-13:00 UTC' }));
  assert.deepEqual(await siteLeave(day.source), { kind: 'given' });
});

test('outside of the hours, or with a mistake in the policy, leave is held back and nothing is withdrawn', async () => {
  const night = openSource(() => allowAll({ hours: '20:00-06:00 UTC' }));
  assert.equal((await siteLeave(night.source)).kind, 'held-back');
  const mistaken = openSource(() => {
    throw new Refusal('CONFIG_INVALID', 'policy.yaml: jobs: expected any, or a list');
  });
  const leave = await siteLeave(mistaken.source);
  assert.deepEqual(leave, { kind: 'held-back', why: 'policy.yaml: jobs: expected any, or a list' });
  for (const { journal } of [night, mistaken]) assert.equal(journal.withdrawal(JOB), undefined);
});

test('a policy that is tightened below the terms of a job takes the consent back, for good, and says which rule', async () => {
  let policy = allowAll();
  const { source, journal } = openSource(() => policy);
  journal.recordCommitment({ job: JOB, round: 4, attempt: 1 }, { message, files });
  policy = allowAll({ maxClipNorm: 0.5 });
  const leave = await siteLeave(source);
  assert(leave.kind === 'withdrawn');
  assert.deepEqual([leave.fromRound, leave.isTold], [5, false]);
  const signed = openSignedMessage(withdrawalCodec, leave.message, terms.roster, verifyEd25519);
  const { federation } = manifest;
  const { manifestHash } = terms;
  assert.deepEqual(signed, { federation, job: JOB, site: own.site, manifestHash, fromRound: 5 });
  const { verdict, decidedBy, reason } = journal.decision(JOB)!;
  assert.deepEqual([verdict, decidedBy], ['withdrawn', 'policy']);
  assert.match(reason, /^policy\.maxClipNorm: 1 as the bound/);
  policy = allowAll();
  assert.deepEqual(await siteLeave(source), leave, 'and loosening it again does not give it back');
});

test('rounds of other jobs count against the limit over all jobs, also while the job runs', async () => {
  const { source, journal } = openSource(() => allowAll({ maxRounds: { job: 2, all: 5 } }));
  const other = 'other' as JobId;
  journal.recordCommitment({ job: other, round: 0, attempt: 1 }, { message, files });
  assert.deepEqual(await siteLeave(source), { kind: 'given' });
  journal.recordCommitment({ job: other, round: 1, attempt: 1 }, { message, files });
  assert.equal((await siteLeave(source)).kind, 'withdrawn');
});

test('a withdrawal is from the first round on that nothing was signed for, also when the agent signs meanwhile', () => {
  const { source, journal } = openSource();
  journal.recordCommitment({ job: JOB, round: 2, attempt: 1 }, { message, files });
  let isBetween = true;
  const racing = new Proxy(journal, {
    get(target, property) {
      const method: unknown = Reflect.get(target, property);
      if (property === 'recordWithdrawal' && isBetween) {
        isBetween = false;
        target.recordCommitment({ job: JOB, round: 3, attempt: 1 }, { message, files });
      }
      return typeof method === 'function' ? (method.bind(target) as unknown) : method;
    },
  });
  assert.equal(withdraw({ ...source, journal: racing }, BY).fromRound, 4);
  assert.equal(withdraw(source, { ...BY, reason: 'again' }).fromRound, 4);
  assert.equal(journal.decision(JOB)?.reason, 'the board said no');
  assert.throws(() => journal.recordCommitment({ job: JOB, round: 4, attempt: 1 }, { message, files }), {
    code: 'WRONG_PHASE',
  });
});

const decided = (verdict: Decision['verdict'], changes: Partial<Decision> = {}): Decision => ({
  ...{ verdict, ...BY, manifestHash: terms.manifestHash, rosterHash: terms.rosterHash },
  ...changes,
});
const OTHER = 'f'.repeat(64) as Digest;

test('where a person has to approve, nothing but an approval of exactly these documents will do', () => {
  const person = allowAll({ approval: 'person' });
  const { journal } = openSource();
  const stops = (detail: RegExp) =>
    assert.throws(() => verifyPermitted(terms, person, journal), { code: 'APPROVAL_NEEDED', detail });
  stops(/somebody at this site has to approve it: blindsum-site jobs approve test-job/);
  for (const changes of [{ manifestHash: OTHER }, { rosterHash: OTHER }]) {
    journal.recordDecision(JOB, decided('approved', changes));
    stops(/was about another manifest or roster/);
  }
  journal.recordDecision(JOB, decided('approved'));
  verifyPermitted(terms, person, journal);
  journal.recordDecision(JOB, decided('refused'));
  stops(/dr-who refused it: the board said no/);
});

test('with each-roster, a person approves a job again under the roster that its members have changed to', async () => {
  const { source, journal } = openSource(() => allowAll({ approval: 'each-roster' }));
  const next = { ...roster, version: 2, previous: terms.rosterHash };
  const later = { ...terms, roster: next, rosterHash: rosterHash(next) };
  const knownRoster = (hash: Digest) => [terms, later].find((one) => one.rosterHash === hash)?.roster;
  const under = (one: SiteTerms) => siteLeave({ ...source, terms: { ...one, knownRoster } });
  const asks = /under roster version 2: blindsum-site jobs approve test-job$/;
  assert.equal((await under(terms)).kind, 'held-back');
  journal.recordDecision(JOB, decided('approved'));
  assert.deepEqual(await under(terms), { kind: 'given' });
  const held = await under(later);
  assert.match(held.kind === 'held-back' ? held.why : held.kind, asks);
  // Approved for what comes, the rounds until then go on.
  journal.recordDecision(JOB, decided('approved', { rosterHash: later.rosterHash }));
  assert.deepEqual([await under(later), await under(terms)], [{ kind: 'given' }, { kind: 'given' }]);
  for (const other of [
    decided('approved', { rosterHash: OTHER }),
    decided('approved', { manifestHash: OTHER }),
    decided('refused'),
  ]) {
    journal.recordDecision(JOB, other);
    assert.equal((await under(terms)).kind, 'held-back');
  }
});

test('an approval of a job counts under every roster that the site has accepted, unless the policy says otherwise', async () => {
  const { source, journal } = openSource(() => allowAll({ approval: 'person' }));
  journal.recordDecision(JOB, decided('approved', { rosterHash: OTHER }));
  assert.deepEqual(await siteLeave(source), { kind: 'given' });
});

test('a person’s refusal counts where nobody has to approve, and an approval opens no rule', () => {
  const { journal } = openSource();
  verifyPermitted(terms, allowAll(), journal);
  journal.recordDecision(JOB, decided('refused'));
  assert.throws(() => verifyPermitted(terms, allowAll(), journal), { code: 'APPROVAL_NEEDED' });
  journal.recordDecision(JOB, decided('approved'));
  assert.throws(() => verifyPermitted(terms, allowAll({ jobs: [], authors: [] }), journal), {
    code: 'POLICY_FORBIDS',
    detail: /^policy\.authors: .*; policy\.jobs: /,
  });
});

test('how things stand is said in words', () => {
  const { source, journal } = openSource();
  const says = () => describeStanding(standingOf(journal, JOB));
  assert.match(says(), /nobody has decided/);
  journal.recordDecision(JOB, decided('approved', { reason: '' }));
  assert.equal(says(), 'approved by dr-who on 2026-01-15T12:00:00.000Z; not consented yet');
  journal.recordConsent(JOB, { ...terms, message });
  assert.match(says(), /^consented, approved by dr-who/);
  withdraw(source, BY);
  assert.equal(says(), 'withdrawn from round 0 on by dr-who on 2026-01-15T12:00:00.000Z: the board said no');
});
