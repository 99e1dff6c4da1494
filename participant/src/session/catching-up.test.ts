// What a site that missed rounds takes for proof of a model, and when a site seals its own for others.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  attestationCodec,
  manifestHash,
  rosterHash,
  roundContext,
  sealedCheckpointCodec,
  signMessage,
  type Attestation,
  type Digest,
  type RefusalCode,
  type SealedCheckpoint,
  type SignedMessage,
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
import type { CheckpointSnapshot, CollectingSnapshot, JobSnapshot } from './round-snapshot.ts';
import type { SiteTerms } from './site-terms.ts';

const federation = createTestFederation(['hospital-a', 'hospital-b', 'hospital-c', 'hospital-d']);
const [a, b, c, d] = federation.sites as [TestSite, TestSite, TestSite, TestSite];
const stranger = createTestSite('hospital-e');
const everybody = { members: [...federation.roster.members, stranger.member] };
const manifest = createTestManifest(federation.roster, { rounds: 5 });
const digest = (fill: string) => fill.repeat(64) as Digest;
const [BASE, MODEL, OTHER, SET] = ['1', '2', '3', '4'].map(digest) as [Digest, Digest, Digest, Digest];

const self: SiteTerms = {
  site: a.site,
  manifest,
  manifestHash: manifestHash(manifest),
  roster: federation.roster,
  rosterHash: rosterHash(federation.roster),
  knownRoster: () => undefined,
  policy: { minContributors: 3, allowTwoSites: false },
  verify: verifyEd25519,
};

/** Round 3 was published, in its second attempt; round 4 collects. */
const missed = { job: manifest.job, round: 3, attempt: 2 };
const collecting: CollectingSnapshot = {
  ref: { job: manifest.job, round: 4, attempt: 1 },
  ...{ rosterHash: self.rosterHash, baseModelHash: MODEL, phase: 'collecting', committed: [], barred: [] },
};

function contextOf(changes: Partial<Parameters<typeof roundContext>[0]> = {}): Digest {
  const { manifestHash: ofManifest, rosterHash: ofRoster } = self;
  const hashes = { baseModelHash: BASE, manifestHash: ofManifest, rosterHash: ofRoster };
  return roundContext({ federation: manifest.federation, ...missed, ...hashes, ...changes });
}

function attest(site: TestSite, changes: Partial<Attestation> = {}): SignedMessage {
  const roots = { setRoot: SET, sumRoot: digest('5') };
  const result = { modelHash: MODEL, metrics: { examples: 7 } };
  const value = { context: contextOf(), site: site.site, ...roots, ...result, ...changes };
  return signMessage(attestationCodec, value, site.sign, everybody);
}

const offer = (site: TestSite, changes: Partial<SealedCheckpoint> = {}) =>
  signMessage(
    sealedCheckpointCodec,
    {
      context: contextOf(),
      site: site.site,
      modelHash: MODEL,
      rosterHash: self.rosterHash,
      root: digest('6'),
      ...changes,
    },
    site.sign,
    everybody,
  );

const OFFERED: CheckpointSnapshot = {
  ref: missed,
  ...{ baseModelHash: BASE, modelHash: MODEL, rosterHash: self.rosterHash, sealedFor: self.rosterHash },
  attestations: [b, c, d].map((site) => attest(site)),
  ...{ asked: undefined, offer: offer(b) },
};

/** The site holds what round 1 gave. */
const BEHIND: JournalFacts = {
  ...{ heldModelHash: undefined, latestModelRound: 1, commitment: undefined, acknowledged: undefined },
  ...{ shares: undefined, opened: undefined, result: undefined, previousMembers: undefined },
  leave: { kind: 'given' },
  checkpointed: { opened: undefined, sealable: undefined },
};
const CURRENT: JournalFacts = { ...BEHIND, heldModelHash: MODEL, latestModelRound: 3 };

const running = (checkpoint?: CheckpointSnapshot, round = collecting): JobSnapshot => ({
  ...{ version: 1n, state: 'running', round },
  ...(checkpoint && { checkpoint }),
});

function refused(code: RefusalCode, changes: Partial<CheckpointSnapshot>, facts = BEHIND): void {
  assert.throws(() => nextStep(running({ ...OFFERED, ...changes }), facts, self), { name: 'Refusal', code });
}

describe('a site that missed rounds', () => {
  test('waits while nobody has sealed the model', () => {
    assert.equal(nextStep(running(), BEHIND, self).kind, 'wait');
    assert.equal(nextStep(running({ ...OFFERED, offer: undefined }), BEHIND, self).kind, 'wait');
  });

  test('takes the model that T members attest, from whoever sealed it', () => {
    assert.deepEqual(nextStep(running(OFFERED), BEHIND, self), {
      kind: 'catch-up',
      model: { ref: missed, context: contextOf(), modelHash: MODEL },
      sealer: b.site,
      root: digest('6'),
    });
  });

  test('catches up in every phase, also between two attempts', () => {
    const { ref, rosterHash: ofRoster, baseModelHash } = collecting;
    const failed = { ref, rosterHash: ofRoster, baseModelHash, phase: 'failed', failure: 'late' } as const;
    const view = { version: 1n, state: 'running', round: failed, checkpoint: OFFERED } as const;
    assert.equal(nextStep(view, BEHIND, self).kind, 'catch-up');
  });

  test('of a job that is over gets the model that its last round gave', () => {
    const round = { ...publishedRound(), ref: missed };
    const over = { version: 1n, state: 'finished', round } as const;
    assert.equal(nextStep({ ...over, checkpoint: OFFERED }, BEHIND, self).kind, 'catch-up');
    const promised = { ...OFFERED, offer: undefined, asked: b.site };
    assert.equal(nextStep({ ...over, checkpoint: promised }, BEHIND, self).kind, 'wait');
    assert.equal(nextStep(over, BEHIND, self).kind, 'finished');
    const there = { ...BEHIND, latestModelRound: 3 };
    assert.equal(nextStep({ ...over, checkpoint: OFFERED }, there, self).kind, 'finished');
  });

  test('follows a paused or queued job as far as it can', () => {
    for (const state of ['paused', 'queued'] as const) {
      const view = { version: 1n, state, round: { ...publishedRound(), ref: missed } };
      assert.equal(nextStep({ ...view, checkpoint: OFFERED }, BEHIND, self).kind, 'catch-up');
      assert.equal(nextStep(view, BEHIND, self).kind, 'wait');
    }
  });

  test('needs none when it computed the model itself, attested or not', () => {
    assert.equal(nextStep(running(OFFERED), CURRENT, self).kind, 'contribute');
  });
});

describe('a site takes no model on the word of the coordinator', () => {
  const by = (...sites: TestSite[]) => sites.map((site) => attest(site));

  test('too few attestations, one member thrice, strangers, or forged ones', () => {
    for (const attestations of [
      [],
      by(b, c),
      by(b, b, b),
      by(b, c, stranger),
      by(b, c, { ...d, sign: stranger.sign }),
    ])
      refused('TOO_FEW_ATTESTATIONS', { attestations });
  });

  test('attestations of another round, attempt, base model, manifest or roster', () => {
    for (const other of [
      { round: 2 },
      { attempt: 1 },
      { baseModelHash: OTHER },
      { manifestHash: OTHER },
      { rosterHash: OTHER },
      { federation: 'other.example' },
    ]) {
      const context = contextOf(other);
      refused('TOO_FEW_ATTESTATIONS', { attestations: [b, c, d].map((site) => attest(site, { context })) });
    }
    refused('TOO_FEW_ATTESTATIONS', { baseModelHash: OTHER });
  });

  test('attestations that disagree about the model, the set, the sum or the metrics', () => {
    for (const other of [
      { modelHash: OTHER },
      { setRoot: OTHER },
      { sumRoot: OTHER },
      { metrics: { examples: 8 } },
    ])
      refused('TOO_FEW_ATTESTATIONS', { attestations: [...by(b, c), attest(d, other)] });
  });

  test('a model that the round does not start from, however many attest it', () => {
    const attestations = [b, c, d].map((site) => attest(site, { modelHash: OTHER }));
    refused('TOO_FEW_ATTESTATIONS', {
      attestations,
      modelHash: OTHER,
      offer: offer(b, { modelHash: OTHER }),
    });
  });

  test('the model of another round or job than the one before', () => {
    for (const ref of [
      { ...missed, round: 2 },
      { ...missed, round: 4 },
      { ...missed, attempt: manifest.attempts + 1 },
      { ...missed, job: 'other-job' as typeof missed.job },
    ])
      refused('WRONG_CONTEXT', { ref });
  });

  test('a model out of another set than it opened in that round', () => {
    const opened = (attempt: number, setRoot: Digest): JournalFacts => ({
      ...BEHIND,
      checkpointed: { opened: { attempt, setRoot }, sealable: undefined },
    });
    refused('ALREADY_OPENED', {}, opened(2, OTHER));
    refused('ALREADY_OPENED', {}, opened(1, SET));
    assert.equal(nextStep(running(OFFERED), opened(2, SET), self).kind, 'catch-up');
  });

  test('a checkpoint that nobody signed, or that is signed for another model or round', () => {
    refused('NOT_A_MEMBER', { offer: offer(stranger) });
    refused('BAD_SIGNATURE', { offer: offer({ ...b, sign: stranger.sign }) });
    refused('WRONG_CONTEXT', { offer: offer(b, { modelHash: OTHER }) });
    refused('WRONG_CONTEXT', { offer: offer(b, { context: contextOf({ round: 2 }) }) });
    refused('MALFORMED', { offer: attest(b) });
  });

  test('a round before the model that it holds', () => {
    refused('MODEL_MISMATCH', {}, { ...BEHIND, latestModelRound: 4 });
  });

  test('another model for a round that it computed itself', () => {
    refused('MODEL_MISMATCH', {}, { ...CURRENT, heldModelHash: OTHER });
  });
});

describe('a site that is asked to seal its model', () => {
  const asked = { ...OFFERED, asked: a.site, offer: undefined };
  const computed = { opened: undefined, sealable: { attempt: 2, setRoot: SET, modelHash: MODEL } };
  const ABLE: JournalFacts = { ...CURRENT, checkpointed: computed };
  const waiting = { ...collecting, committed: [a.site] };
  const committed = {
    ...ABLE,
    commitment: { message: attest(a), isAccepted: true },
  };

  test('does what the round waits for first', () => {
    assert.equal(nextStep(running(asked), ABLE, self).kind, 'contribute');
    assert.deepEqual(nextStep(running(asked, waiting), committed, self), {
      kind: 'seal-checkpoint',
      model: { ref: missed, context: contextOf(), modelHash: MODEL },
    });
  });

  test('does so before it leaves a job that is over', () => {
    const over = { version: 1n, state: 'finished', round: { ...publishedRound(), ref: missed } } as const;
    assert.equal(nextStep({ ...over, checkpoint: asked }, ABLE, self).kind, 'seal-checkpoint');
    assert.equal(nextStep(over, ABLE, self).kind, 'finished');
  });

  test('seals nothing when another one is asked, or when it did not compute the model', () => {
    for (const checkpoint of [
      { ...asked, asked: b.site },
      { ...asked, asked: undefined },
    ])
      assert.equal(nextStep(running(checkpoint, waiting), committed, self).kind, 'wait');
    const caughtUp = { ...committed, checkpointed: { opened: undefined, sealable: undefined } };
    assert.equal(nextStep(running(asked, waiting), caughtUp, self).kind, 'wait');
  });

  test('seals nothing without proof that others have the same, and leaves a job that is over', () => {
    const unproved = { ...asked, attestations: [attest(a)] };
    assert.throws(() => nextStep(running(unproved, waiting), committed, self), {
      code: 'TOO_FEW_ATTESTATIONS',
    });
    const over = { version: 1n, state: 'finished', round: { ...publishedRound(), ref: missed } } as const;
    assert.equal(nextStep({ ...over, checkpoint: unproved }, ABLE, self).kind, 'finished');
  });
});

/** As far as a site looks at it that cannot follow it. */
function publishedRound() {
  const set = { setAttempt: 1, root: SET, commitments: [] };
  const empty = { acknowledgements: [], checksums: [], openings: [], attestations: [] };
  return {
    rosterHash: self.rosterHash,
    baseModelHash: BASE,
    phase: 'published',
    set,
    sumRoot: digest('5'),
    ...empty,
  } as const;
}
