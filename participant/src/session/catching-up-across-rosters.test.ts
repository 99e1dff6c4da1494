// A site that missed the last round under one roster, and comes back, or joins, under the next: who must attest is the roster of
// the round, and who sealed the model, and for whom, the roster of the current one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  attestationCodec,
  manifestHash,
  rosterHash,
  roundContext,
  sealedCheckpointCodec,
  signMessage,
  type Digest,
  type RefusalCode,
  type Roster,
} from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import { createTestManifest, createTestSite, type TestSite } from '../../../test/fixtures/federation.ts';
import type { JournalFacts } from './journal-facts.ts';
import { nextStep } from './next-step.ts';
import type { CheckpointSnapshot, CollectingSnapshot, JobSnapshot } from './round-snapshot.ts';
import type { SiteTerms } from './site-terms.ts';

const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map((name) => createTestSite(`hospital-${name}`)) as [
  TestSite,
  TestSite,
  TestSite,
  TestSite,
  TestSite,
];
const EVERYBODY = { members: [a, b, c, d, e].map(({ member }) => member) };
const rosterOf = (version: number, previous: Roster | undefined, ...sites: TestSite[]): Roster => ({
  ...{ federation: 'test.example', version, previous: previous ? rosterHash(previous) : '' },
  members: sites.map(({ member }) => member),
});
/** Two of three open a sum; then hospital-a joins, hospital-b leaves, and of five three do. */
const before = rosterOf(1, undefined, b, c, d);
const current = rosterOf(2, before, a, c, d, e, createTestSite('hospital-f'));
const later = rosterOf(3, current, a, b, c, d);
const unknown = rosterOf(1, undefined, c, d, e);

const manifest = createTestManifest(before, { rounds: 5 });
const digest = (fill: string) => fill.repeat(64) as Digest;
const [BASE, MODEL] = [digest('1'), digest('2')];
const missed = { job: manifest.job, round: 3, attempt: 1 };

const known = new Map([before, current, later].map((roster) => [rosterHash(roster), roster]));
const self: SiteTerms = {
  ...{ site: a.site, manifest, manifestHash: manifestHash(manifest) },
  ...{ roster: current, rosterHash: rosterHash(current), knownRoster: (hash) => known.get(hash) },
  ...{ policy: { minContributors: 3, allowTwoSites: false }, verify: verifyEd25519 },
};

const contextUnder = (roster: Roster) =>
  roundContext({
    ...{ federation: manifest.federation, ...missed, baseModelHash: BASE },
    ...{ manifestHash: self.manifestHash, rosterHash: rosterHash(roster) },
  });

function attest({ site, sign }: TestSite, roster: Roster) {
  const result = { setRoot: digest('4'), sumRoot: digest('5'), modelHash: MODEL, metrics: { examples: 7 } };
  return signMessage(attestationCodec, { context: contextUnder(roster), site, ...result }, sign, EVERYBODY);
}

function offer({ site, sign }: TestSite, sealedFor: Roster, round = before) {
  const names = { context: contextUnder(round), site, modelHash: MODEL, rosterHash: rosterHash(sealedFor) };
  return signMessage(sealedCheckpointCodec, { ...names, root: digest('6') }, sign, EVERYBODY);
}

/** Round 3 went by `round`, as the coordinator says; round 4 goes by the current roster. */
function offered(round: Roster, by: readonly TestSite[], changes: Partial<CheckpointSnapshot> = {}) {
  const checkpoint: CheckpointSnapshot = {
    ...{ ref: missed, baseModelHash: BASE, modelHash: MODEL, asked: undefined },
    ...{ rosterHash: rosterHash(round), sealedFor: self.rosterHash },
    ...{ attestations: by.map((site) => attest(site, round)), offer: offer(c, current, round) },
    ...changes,
  };
  const collecting: CollectingSnapshot = {
    ...{ ref: { ...missed, round: 4 }, rosterHash: self.rosterHash, baseModelHash: MODEL },
    ...{ phase: 'collecting' as const, committed: [], barred: [] },
  };
  const job: JobSnapshot = { version: 1n, state: 'running', round: collecting, checkpoint };
  const facts: JournalFacts = {
    ...{ heldModelHash: undefined, latestModelRound: -1, commitment: undefined, acknowledged: undefined },
    ...{ shares: undefined, opened: undefined, result: undefined, previousMembers: undefined },
    ...{ leave: { kind: 'given' as const }, checkpointed: { opened: undefined, sealable: undefined } },
  };
  return () => nextStep(job, facts, self);
}

function refused(code: RefusalCode, step: () => unknown): void {
  assert.throws(step, { name: 'Refusal', code });
}

test('a model is proved by as many members as the roster of its round asks for, also by one that has left', () => {
  assert.deepEqual(offered(before, [b, c])(), {
    kind: 'catch-up',
    model: { ref: missed, context: contextUnder(before), modelHash: MODEL },
    ...{ sealer: c.site, root: digest('6') },
  });
  refused('TOO_FEW_ATTESTATIONS', offered(before, [c]));
  refused('TOO_FEW_ATTESTATIONS', offered(current, [c, d]));
});

test('attack: members that came later do not attest a round before them', () => {
  refused('TOO_FEW_ATTESTATIONS', offered(before, [a, c, e]));
});

test('attack: attestations under one roster prove nothing of a round that is said to have gone by another', () => {
  const attestations = [c, d, e].map((site) => attest(site, current));
  refused('TOO_FEW_ATTESTATIONS', offered(before, [], { attestations }));
});

test('attack: a round goes by no roster that is outside of the chain, or comes after the current one', () => {
  refused('BAD_ROSTER', offered(unknown, [c, d, e]));
  refused('BAD_ROSTER', offered(later, [a, c, d]));
});

test('a model that was sealed for the members before is waited for anew, and no signature makes it do', () => {
  const sealedFor = rosterHash(before);
  const step = offered(before, [b, c], { sealedFor, offer: offer(c, before) })();
  assert.equal(step.kind, 'wait');
  refused('WRONG_CONTEXT', offered(before, [b, c], { offer: offer(c, before) }));
});

test('a member that has left seals no model for those who stay', () => {
  refused('NOT_A_MEMBER', offered(before, [b, c], { offer: offer(b, current) }));
});
