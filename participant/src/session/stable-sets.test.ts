// A job whose contributor sets only become smaller (manifest, `lateSites: refused`), seen by a site.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  commitmentCodec,
  manifestHash,
  payloadLayout,
  rosterHash,
  roundContext,
  setRoot,
  signMessage,
  type Digest,
  type SiteId,
} from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import {
  createTestFederation,
  createTestManifest,
  type TestSite,
} from '../../../test/fixtures/federation.ts';
import type { JournalFacts } from './journal-facts.ts';
import { nextStep } from './next-step.ts';
import type { RoundSnapshot } from './round-snapshot.ts';
import type { SiteTerms } from './site-terms.ts';

const federation = createTestFederation(['hospital-a', 'hospital-b', 'hospital-c', 'hospital-d']);
const [a, b, c, d] = federation.sites as [TestSite, TestSite, TestSite, TestSite];
const BASE = '1'.repeat(64) as Digest;

function termsWith(lateSites: 'next-round' | 'refused'): SiteTerms {
  const { roster } = federation;
  const manifest = createTestManifest(roster, { lateSites });
  const hashes = { manifestHash: manifestHash(manifest), rosterHash: rosterHash(roster) };
  const policy = { minContributors: 3, allowTwoSites: false };
  return {
    site: a.site,
    manifest,
    roster,
    ...hashes,
    policy,
    knownRoster: () => undefined,
    verify: verifyEd25519,
  };
}

const STABLE = termsWith('refused');
const FREE = termsWith('next-round');
const ref = { job: STABLE.manifest.job, round: 1, attempt: 1 };

/** Round 1, of which this site holds the base model, and has not contributed to it. */
const factsWith = (previousMembers: readonly TestSite[] | undefined): JournalFacts => ({
  ...{ heldModelHash: BASE, latestModelRound: 0, commitment: undefined, acknowledged: undefined },
  ...{ shares: undefined, opened: undefined, result: undefined },
  previousMembers: previousMembers?.map(({ site }) => site),
  leave: { kind: 'given' },
  checkpointed: { opened: undefined, sealable: undefined },
});

const collecting = (barred: readonly SiteId[]): RoundSnapshot => ({
  ...{ ref, rosterHash: STABLE.rosterHash, baseModelHash: BASE, phase: 'collecting', committed: [], barred },
});

function sealed(
  { manifest, manifestHash, rosterHash }: SiteTerms,
  members: readonly TestSite[],
): RoundSnapshot {
  const { federation: name } = manifest;
  const context = roundContext({ federation: name, ...ref, baseModelHash: BASE, manifestHash, rosterHash });
  const { chunks } = payloadLayout(manifest, 'training');
  const commitments = members.map(({ site, sign }) => {
    const roots = { ciphertextRoot: '2'.repeat(64) as Digest, shareRoot: '3'.repeat(64) as Digest };
    return signMessage(commitmentCodec, { context, site, chunks, ...roots }, sign, federation.roster);
  });
  const set = { setAttempt: 1, root: setRoot(commitments), commitments };
  return { ref, rosterHash, baseModelHash: BASE, phase: 'sealed', set, acknowledgements: [] };
}

const stepFor = (round: RoundSnapshot, facts: JournalFacts, terms: SiteTerms) =>
  nextStep({ version: 1n, state: 'running', round }, facts, terms);

test('a site that was left behind contributes no more, but only if the job says so', () => {
  const facts = factsWith([b, c, d]);
  assert.equal(stepFor(collecting([a.site]), facts, STABLE).kind, 'wait');
  assert.equal(stepFor(collecting([b.site]), facts, STABLE).kind, 'contribute');
  assert.equal(stepFor(collecting([a.site]), facts, FREE).kind, 'contribute');
});

test('a set that takes a site back is refused', () => {
  const refused = { name: 'Refusal', code: 'NOT_A_CONTRIBUTOR' };
  const afterThree = factsWith([a, b, c]);
  assert.throws(() => stepFor(sealed(STABLE, [b, c, d]), afterThree, STABLE), refused);
  assert.equal(stepFor(sealed(FREE, [b, c, d]), afterThree, FREE).kind, 'check-shares');
});

test('a set of those that were in the one before is accepted, and so is any by a site that missed that one', () => {
  assert.equal(stepFor(sealed(STABLE, [b, c, d]), factsWith([b, c, d]), STABLE).kind, 'check-shares');
  assert.equal(stepFor(sealed(STABLE, [b, c, d]), factsWith([a, b, c, d]), STABLE).kind, 'check-shares');
  assert.equal(stepFor(sealed(STABLE, [b, c, d]), factsWith(undefined), STABLE).kind, 'check-shares');
});
