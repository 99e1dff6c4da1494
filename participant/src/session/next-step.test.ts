import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import {
  acknowledgementCodec,
  attestationCodec,
  checksumStatementCodec,
  commitmentCodec,
  manifestHash,
  openingCodec,
  payloadLayout,
  rosterHash,
  roundContext,
  setRoot,
  signMessage,
  type Digest,
  type MessageCodec,
  type RefusalCode,
  type SignedMessage,
  type SiteId,
} from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import {
  createTestFederation,
  createTestManifest,
  createTestSite,
  type TestSite,
} from '../../../test/fixtures/federation.ts';
import type { JournalFacts } from './journal-facts.ts';
import { nextStep } from './next-step.ts';
import type { JobSnapshot, RoundSnapshot } from './round-snapshot.ts';
import type { SiteTerms } from './site-terms.ts';

const NAMES = ['hospital-a', 'hospital-b', 'hospital-c', 'hospital-d'];
const federation = createTestFederation(NAMES);
const [a, b, c, d] = federation.sites as [TestSite, TestSite, TestSite, TestSite];
const all = [a, b, c, d];
const stranger = createTestSite('hospital-e');
const everybody = { members: [...federation.roster.members, stranger.member] };
const manifest = createTestManifest(federation.roster);
const digest = (fill: string) => fill.repeat(64) as Digest;
const BASE = manifest.model.initialHash;
const SUM = digest('5');
const MODEL = digest('6');

const self: SiteTerms = {
  site: a.site,
  manifest,
  roster: federation.roster,
  ...{ manifestHash: manifestHash(manifest), rosterHash: rosterHash(federation.roster) },
  ...{ knownRoster: () => undefined, verify: verifyEd25519 },
  policy: { minContributors: 3, allowTwoSites: false },
};

const ref = { job: manifest.job, round: 0, attempt: 1 };
const contextOf = (round: number, attempt: number, base = BASE) =>
  roundContext({
    federation: manifest.federation,
    job: manifest.job,
    round,
    attempt,
    baseModelHash: base,
    manifestHash: self.manifestHash,
    rosterHash: self.rosterHash,
  });
const CONTEXT = contextOf(0, 1);
const { chunks } = payloadLayout(manifest, 'statistics');

const signAs = <T>({ sign }: Pick<TestSite, 'sign'>, codec: MessageCodec<T>, value: T) =>
  signMessage(codec, value, sign, everybody);

function commitmentOf(site: TestSite, changes: object = {}): SignedMessage {
  const value = {
    context: CONTEXT,
    site: site.site,
    ciphertextRoot: digest('1'),
    chunks,
    shareRoot: digest('2'),
  };
  return signAs(site, commitmentCodec, { ...value, ...changes });
}

function setOf(members: readonly TestSite[], setAttempt = 1) {
  const commitments = members.map((member) => commitmentOf(member));
  return { setAttempt, root: setRoot(commitments), commitments };
}

const U = setOf(all);
const OWN = U.commitments[0]!;

const acknowledgementOf = ({ site, ...by }: TestSite, set = U, context = CONTEXT) =>
  signAs(by, acknowledgementCodec, { context, site, setAttempt: set.setAttempt, setRoot: set.root });

function checksumOf({ site, ...by }: TestSite, subject = site, value = '0000000000000001') {
  const statement = { context: CONTEXT, site, subject, setRoot: U.root, sumRoot: SUM };
  return signAs(by, checksumStatementCodec, { ...statement, values: [value, value] });
}

const openingOf = ({ site, ...by }: TestSite, sumRoot = SUM, { root } = U) =>
  signAs(by, openingCodec, { context: CONTEXT, site, setRoot: root, sumRoot, openingRoot: digest('3') });

const attestationOf = ({ site, ...by }: TestSite, modelHash = MODEL) => {
  const about = { context: CONTEXT, setRoot: U.root, sumRoot: SUM };
  return signAs(by, attestationCodec, { ...about, site, modelHash, metrics: {} });
};

const named = { ref, rosterHash: self.rosterHash, baseModelHash: BASE };
const none = { committed: [] as SiteId[], barred: [] as SiteId[] };
const collecting = { ...named, phase: 'collecting', ...none } as const;
const sealed = { ...named, phase: 'sealed', set: U, acknowledgements: [] } as const;
const summed = {
  ...sealed,
  phase: 'summed',
  acknowledgements: [a, b, c].map((site) => acknowledgementOf(site)),
  sumRoot: SUM,
  checksums: [] as SignedMessage[],
  proxiesWanted: [] as SiteId[],
} as const;
const opening = {
  ...sealed,
  phase: 'opening',
  acknowledgements: summed.acknowledgements,
  sumRoot: SUM,
  checksums: all.map((site) => checksumOf(site)),
  openings: [] as SignedMessage[],
  attestations: [] as SignedMessage[],
} as const;

const NOTHING: JournalFacts = {
  heldModelHash: BASE,
  commitment: undefined,
  acknowledged: undefined,
  shares: undefined,
  opened: undefined,
  ...{ result: undefined, previousMembers: undefined, leave: { kind: 'given' } },
  latestModelRound: -1,
  checkpointed: { opened: undefined, sealable: undefined },
};
const COMMITTED: JournalFacts = { ...NOTHING, commitment: { message: OWN, isAccepted: true } };
const CHECKED: JournalFacts = { ...COMMITTED, shares: { setRoot: U.root, badDealers: [] } };
const ACKNOWLEDGED: JournalFacts = { ...CHECKED, acknowledged: { setAttempt: 1, setRoot: U.root } };
const OPENED: JournalFacts = { ...ACKNOWLEDGED, opened: { attempt: 1, setRoot: U.root } };
const APPLIED: JournalFacts = { ...OPENED, result: { attempt: 1, setRoot: U.root, modelHash: MODEL } };

function running(round: RoundSnapshot): JobSnapshot {
  return { version: 1n, state: 'running', round };
}

function stepFor(round: RoundSnapshot, facts: JournalFacts, terms = self) {
  return nextStep(running(round), facts, terms);
}

function refused(code: RefusalCode, round: RoundSnapshot, facts: JournalFacts, terms = self): void {
  assert.throws(() => stepFor(round, facts, terms), { name: 'Refusal', code });
}

describe('an honest round, seen by hospital-a', () => {
  const openings = [a, b, c].map((site) => openingOf(site));
  const published = { ...opening, phase: 'published', openings } as const;
  const agreed = { ...published, attestations: [b, c, d].map((site) => attestationOf(site)) };
  const SITUATIONS: [string, RoundSnapshot, JournalFacts, string][] = [
    ['a round begins', collecting, NOTHING, 'contribute'],
    ['a contribution is ready and was not sent', collecting, COMMITTED, 'commit'],
    ['its commitment has arrived', { ...collecting, committed: [a.site] }, COMMITTED, 'wait'],
    ['the set is sealed', sealed, COMMITTED, 'check-shares'],
    ['its shares open', sealed, CHECKED, 'acknowledge'],
    [
      'a share does not open',
      sealed,
      { ...CHECKED, shares: { setRoot: U.root, badDealers: [b.site] } },
      'complain',
    ],
    [
      'shares of another set opened',
      sealed,
      { ...CHECKED, shares: { setRoot: digest('9'), badDealers: [] } },
      'check-shares',
    ],
    ['it has acknowledged', { ...sealed, acknowledgements: [acknowledgementOf(a)] }, ACKNOWLEDGED, 'wait'],
    ['the sum is announced', summed, ACKNOWLEDGED, 'sign-checksum'],
    ['its checksum has arrived', { ...summed, checksums: [checksumOf(a)] }, ACKNOWLEDGED, 'wait'],
    [
      'another site is gone',
      { ...summed, checksums: [checksumOf(a)], proxiesWanted: [b.site] },
      ACKNOWLEDGED,
      'sign-checksum',
    ],
    [
      'a proxy has signed',
      { ...summed, checksums: [checksumOf(a), checksumOf(c, b.site)], proxiesWanted: [b.site] },
      ACKNOWLEDGED,
      'wait',
    ],
    ['all checksums are in', opening, ACKNOWLEDGED, 'open'],
    ['its opening was lost on the way', opening, OPENED, 'open'],
    ['too few have opened', { ...opening, openings: [openingOf(a)] }, OPENED, 'wait'],
    [
      'enough have opened, but not this site',
      { ...opening, openings: openings.slice(1).concat(openingOf(d)) },
      ACKNOWLEDGED,
      'open',
    ],
    ['enough have opened', { ...opening, openings }, OPENED, 'apply'],
    ['it has applied', { ...opening, openings }, APPLIED, 'attest'],
    ['it has attested', { ...opening, openings, attestations: [attestationOf(a)] }, APPLIED, 'wait'],
    ['the others published before it applied', agreed, OPENED, 'apply'],
    ['the round is published', agreed, APPLIED, 'wait'],
    ['the attempt failed', { ...named, phase: 'failed', failure: 'late' }, COMMITTED, 'wait'],
  ];
  for (const [situation, round, facts, kind] of SITUATIONS) {
    test(`${situation}: ${kind}`, () => assert.equal(stepFor(round, facts).kind, kind));
  }

  test('a job that waits, ends or fails', () => {
    const version = 1n;
    assert.equal(nextStep({ version, state: 'joining' }, NOTHING, self).kind, 'wait');
    assert.equal(nextStep({ version, state: 'running', round: undefined }, NOTHING, self).kind, 'wait');
    assert.equal(nextStep({ version, state: 'finished', round: undefined }, NOTHING, self).kind, 'finished');
    assert.deepEqual(nextStep({ version, state: 'failed', failure: 'why' }, NOTHING, self), {
      kind: 'stopped',
      reason: 'why',
    });
    assert.deepEqual(nextStep({ version, state: 'cancelled', failure: 'why' }, NOTHING, self), {
      kind: 'stopped',
      reason: 'it was cancelled: why',
    });
  });

  test('a job that waits between rounds owes nothing but the round that ended last', () => {
    for (const state of ['queued', 'paused'] as const) {
      const version = 1n;
      assert.equal(nextStep({ version, state, round: undefined }, NOTHING, self).kind, 'wait');
      assert.equal(nextStep({ version, state, round: agreed }, OPENED, self).kind, 'apply');
      assert.equal(nextStep({ version, state, round: agreed }, APPLIED, self).kind, 'wait');
      assert.equal(nextStep({ version, state, round: collecting }, NOTHING, self).kind, 'wait');
    }
  });

  test('a job that ends before this site applied its last round is applied first', () => {
    const view = { version: 1n, state: 'finished', round: agreed } as const;
    assert.equal(nextStep(view, OPENED, self).kind, 'apply');
    assert.equal(nextStep(view, APPLIED, self).kind, 'finished');
  });

  test('a site that did not contribute still acknowledges, opens and applies', () => {
    const set = setOf([b, c, d]);
    const acks = [b, c, d].map((site) => acknowledgementOf(site, set));
    assert.equal(stepFor({ ...sealed, set }, NOTHING).kind, 'check-shares');
    const facts = { ...NOTHING, shares: { setRoot: set.root, badDealers: [] } };
    assert.equal(stepFor({ ...sealed, set }, facts).kind, 'acknowledge');
    const view = { ...summed, set, acknowledgements: acks, proxiesWanted: [c.site] };
    const step = stepFor(view, facts);
    assert.deepEqual(step.kind === 'sign-checksum' && step.subjects, [c.site]);
  });

  test('a site whose shares do not open waits for the openings of others', () => {
    const facts = { ...COMMITTED, shares: { setRoot: U.root, badDealers: [d.site] } };
    assert.equal(stepFor(opening, facts).kind, 'wait');
    assert.equal(stepFor({ ...opening, openings }, facts).kind, 'apply');
  });

  test('an accused site is out of the second set, and goes on', () => {
    const set = setOf([b, c, d], 2);
    assert.equal(stepFor({ ...sealed, set }, ACKNOWLEDGED).kind, 'check-shares');
  });
});

describe('what a dishonest coordinator shows is refused', () => {
  const announced = (changes: Partial<typeof collecting>): RoundSnapshot => ({ ...collecting, ...changes });
  const withSet = (set: typeof U) => ({ ...sealed, set });
  const pair = setOf([a, b]);

  test('another model than this site holds', () => {
    refused('MODEL_MISMATCH', announced({ baseModelHash: MODEL }), NOTHING);
    refused('MODEL_MISMATCH', announced({}), { ...NOTHING, heldModelHash: MODEL });
    refused('MODEL_MISMATCH', announced({}), { ...NOTHING, heldModelHash: undefined });
  });

  test('another job, or a round that the job does not have', () => {
    refused('WRONG_CONTEXT', announced({ ref: { ...ref, job: 'other' as typeof ref.job } }), NOTHING);
    refused('WRONG_CONTEXT', announced({ ref: { ...ref, round: manifest.rounds + 2 } }), NOTHING);
    refused('WRONG_CONTEXT', announced({ ref: { ...ref, attempt: manifest.attempts + 1 } }), NOTHING);
  });

  test('commitments made under another manifest', () => {
    refused('WRONG_CONTEXT', sealed, COMMITTED, { ...self, manifestHash: digest('8') });
    refused('WRONG_CONTEXT', sealed, COMMITTED, { ...self, rosterHash: digest('8') });
  });

  test('a commitment of this site that is not in its journal', () => {
    refused('CONFLICTING_SUBMISSION', announced({ committed: [a.site] }), NOTHING);
    refused('CONFLICTING_SUBMISSION', sealed, NOTHING);
    const other = commitmentOf(a, { ciphertextRoot: digest('7') });
    refused('CONFLICTING_SUBMISSION', sealed, {
      ...COMMITTED,
      commitment: { message: other, isAccepted: true },
    });
  });

  test('a set without the contribution that it confirmed', () => {
    refused('NOT_A_CONTRIBUTOR', withSet(setOf([b, c, d])), COMMITTED);
  });

  test('invented members, and a member twice', () => {
    refused('NOT_A_MEMBER', withSet(setOf([...all, stranger])), COMMITTED);
    const impostor = { ...b, sign: stranger.sign };
    refused('BAD_SIGNATURE', withSet(setOf([a, impostor, c, d])), COMMITTED);
    refused('MALFORMED', withSet(setOf([a, b, b, c])), COMMITTED);
  });

  test('a root that is not that of the set', () => {
    refused('ROOT_MISMATCH', withSet({ ...U, root: digest('4') }), COMMITTED);
  });

  test('a set below the minimum of the manifest or of the policy', () => {
    refused('TOO_FEW_CONTRIBUTORS', withSet(pair), COMMITTED);
    const strict = { ...self, policy: { minContributors: 4, allowTwoSites: false } };
    refused('TOO_FEW_CONTRIBUTORS', withSet(setOf([a, b, c])), COMMITTED, strict);
  });

  test('two contributors, unless job and policy both allow it', () => {
    const contributors = { ...manifest.contributors, minimum: 2 };
    const terms = (inJob: boolean, inPolicy: boolean): SiteTerms => ({
      ...self,
      manifest: { ...manifest, contributors: { ...contributors, allowTwoSites: inJob } },
      policy: { minContributors: 2, allowTwoSites: inPolicy },
    });
    refused('TOO_FEW_CONTRIBUTORS', withSet(pair), COMMITTED, terms(true, false));
    refused('TOO_FEW_CONTRIBUTORS', withSet(pair), COMMITTED, terms(false, true));
    assert.equal(stepFor(withSet(pair), COMMITTED, terms(true, true)).kind, 'check-shares');
  });

  test('two sets under one number', () => {
    const acknowledged = { setAttempt: 1, setRoot: digest('9') };
    refused('CONFLICTING_SUBMISSION', sealed, { ...CHECKED, acknowledged });
  });

  test('too few acknowledgements, or those of another round, another set, or one member', () => {
    const replayed = [
      [a, b].map((site) => acknowledgementOf(site)),
      all.map((site) => acknowledgementOf(site, U, contextOf(0, 2))),
      all.map((site) => acknowledgementOf(site, setOf([a, b, c]))),
      all.map((site) => acknowledgementOf(site, { ...U, setAttempt: 2 })),
      all.map(() => acknowledgementOf(a)),
      all.map((site) => acknowledgementOf({ ...site, sign: d.sign })).slice(0, 3),
    ];
    for (const acknowledgements of replayed) {
      refused('TOO_FEW_ACKNOWLEDGEMENTS', { ...summed, acknowledgements }, ACKNOWLEDGED);
      refused('TOO_FEW_ACKNOWLEDGEMENTS', { ...opening, acknowledgements }, ACKNOWLEDGED);
    }
  });

  test('a missing checksum, or one of another sum, signed by a stranger, or contradicted', () => {
    const others = [b, c, d].map((site) => checksumOf(site));
    const namesake = createTestSite('hospital-a');
    for (const bad of [[], [checksumOf(namesake, a.site)], [checksumOf(d, stranger.site)]]) {
      refused('BAD_CHECKSUM', { ...opening, checksums: [...others, ...bad] }, ACKNOWLEDGED);
    }
    refused('BAD_CHECKSUM', { ...opening, sumRoot: digest('4') }, ACKNOWLEDGED);
    const contradicted = [...opening.checksums, checksumOf(b, a.site, '0000000000000002')];
    refused('BAD_CHECKSUM', { ...opening, checksums: contradicted }, ACKNOWLEDGED);
  });

  test('a second set or a second attempt in a round that this site has opened', () => {
    const set = setOf([a, b, c], 2);
    for (const view of [withSet(set), { ...opening, set }]) refused('ALREADY_OPENED', view, OPENED);
    refused('ALREADY_OPENED', announced({ ref: { ...ref, attempt: 2 } }), OPENED);
    const unopened = { ...APPLIED, opened: undefined };
    refused('ALREADY_OPENED', { ...opening, set }, unopened);
  });

  test('openings of another sum or set do not count', () => {
    const openings = [
      openingOf(a),
      openingOf(b, digest('4')),
      openingOf(c, SUM, setOf([a, b, c])),
      openingOf(a),
    ];
    assert.equal(stepFor({ ...opening, openings }, OPENED).kind, 'wait');
  });

  test('a model that this site did not compute', () => {
    const openings = [a, b, c].map((site) => openingOf(site));
    const attestations = [b, c, d].map((site) => attestationOf(site, digest('7')));
    refused('MODEL_DISAGREEMENT', { ...opening, phase: 'published', openings, attestations }, APPLIED);
    refused('MODEL_DISAGREEMENT', { ...opening, phase: 'published', openings }, APPLIED);
  });
});

before(() => assert.equal(manifest.threshold, 3));
