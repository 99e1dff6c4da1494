// A site that holds its contributions back, or has taken its consent back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manifestHash, rosterHash, type Digest } from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import {
  createTestFederation,
  createTestManifest,
  type TestSite,
} from '../../../test/fixtures/federation.ts';
import type { JournalFacts } from './journal-facts.ts';
import type { Leave } from './leave.ts';
import { nextStep } from './next-step.ts';
import type { JobSnapshot, RoundSnapshot } from './round-snapshot.ts';
import type { SiteTerms } from './site-terms.ts';

const { roster, sites } = createTestFederation();
const [a, b] = sites as [TestSite, TestSite];
const manifest = createTestManifest(roster);
const BASE = manifest.model.initialHash;
const message = { payload: new Uint8Array(3), signature: new Uint8Array(64) };
const self: SiteTerms = {
  site: a.site,
  manifest,
  roster,
  ...{ manifestHash: manifestHash(manifest), rosterHash: rosterHash(roster) },
  policy: { minContributors: 3, allowTwoSites: false },
  knownRoster: () => undefined,
  verify: verifyEd25519,
};

const NOTHING: JournalFacts = {
  ...{ heldModelHash: BASE, latestModelRound: -1, commitment: undefined, acknowledged: undefined },
  ...{ shares: undefined, opened: undefined, result: undefined, previousMembers: undefined },
  leave: { kind: 'given' },
  checkpointed: { opened: undefined, sealable: undefined },
};
const FINISHED_TRAINING = { ...NOTHING, commitment: { message, isAccepted: false } };
const HELD_BACK: Leave = { kind: 'held-back', why: 'outside of the hours' };
const WITHDRAWN: Leave = { kind: 'withdrawn', fromRound: 1, message, isTold: true };

const collecting: RoundSnapshot = {
  ref: { job: manifest.job, round: 0, attempt: 1 },
  baseModelHash: BASE,
  rosterHash: self.rosterHash,
  phase: 'collecting',
  committed: [b.site],
  barred: [],
};
const running = (round: RoundSnapshot | undefined = collecting): JobSnapshot => ({
  ...{ version: 1n, state: 'running', round },
});

const stepWith = (leave: Leave, view = running(), facts = NOTHING) =>
  nextStep(view, { ...facts, leave }, self);

test('a site that holds back neither trains nor sends what it has trained', () => {
  assert.equal(nextStep(running(), NOTHING, self).kind, 'contribute');
  assert.equal(nextStep(running(), FINISHED_TRAINING, self).kind, 'commit');
  for (const leave of [HELD_BACK, WITHDRAWN])
    for (const facts of [NOTHING, FINISHED_TRAINING])
      assert.equal(stepWith(leave, running(), facts).kind, 'wait');
  assert.deepEqual(stepWith(HELD_BACK), { kind: 'wait', what: 'this site itself: outside of the hours' });
});

test('a coordinator that counts a site in after its withdrawal gets nothing from it', () => {
  for (const round of [1, 2]) {
    const later: RoundSnapshot = { ...collecting, ref: { ...collecting.ref, round } };
    const facts = { ...NOTHING, latestModelRound: round - 1 };
    assert.equal(nextStep(running(later), facts, self).kind, 'contribute');
    assert.equal(stepWith(WITHDRAWN, running(later), facts).kind, 'wait');
  }
});

test('a withdrawal is told first of all, as long as the job goes on', () => {
  const untold = { ...WITHDRAWN, isTold: false };
  const shown: JobSnapshot[] = [
    { version: 1n, state: 'joining' },
    running(),
    { ...running(), round: undefined } as JobSnapshot,
    { version: 1n, state: 'paused', round: undefined },
  ];
  for (const view of shown) assert.deepEqual(stepWith(untold, view), { kind: 'withdraw', message });
  // Also when the coordinator shows what would otherwise be refused.
  const strange = running({ ...collecting, baseModelHash: 'f'.repeat(64) as Digest });
  assert.deepEqual(stepWith(untold, strange), { kind: 'withdraw', message });
  const over: JobSnapshot = { version: 1n, state: 'cancelled', failure: 'by the operator' };
  assert.equal(stepWith(untold, over).kind, 'stopped');
});

test('a site that has withdrawn stays for the round that counts it, and leaves after that', () => {
  assert.equal(stepWith(WITHDRAWN).kind, 'wait');
  const failed: RoundSnapshot = { ...collecting, phase: 'failed', failure: 'TOO_FEW_CONTRIBUTORS' };
  assert.equal(stepWith(WITHDRAWN, running(failed)).kind, 'wait', 'another attempt may count it');
  const gone: JobSnapshot[] = [
    { version: 1n, state: 'joining' },
    { version: 1n, state: 'running', round: undefined },
    { version: 1n, state: 'queued', round: undefined },
    { version: 1n, state: 'paused', round: failed },
  ];
  for (const view of gone) assert.deepEqual(stepWith(WITHDRAWN, view), { kind: 'withdrawn', fromRound: 1 });
});

test('a site that has withdrawn and missed a round waits for no model', () => {
  const later: RoundSnapshot = { ...collecting, ref: { ...collecting.ref, round: 2 } };
  const facts = { ...NOTHING, heldModelHash: undefined, latestModelRound: -1 };
  assert.equal(nextStep(running(later), facts, self).kind, 'wait', 'otherwise it would');
  assert.equal(stepWith(WITHDRAWN, running(later), facts).kind, 'withdrawn');
});
