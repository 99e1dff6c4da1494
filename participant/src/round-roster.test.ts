import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manifestHash, rosterHash, type Digest, type Roster } from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import { createTestManifest, createTestSite } from '../../test/fixtures/federation.ts';
import { MemoryJournal } from './journal/memory-journal.ts';
import { termsUnder } from './round-roster.ts';
import type { SiteTerms } from './session/site-terms.ts';

const members = ['a', 'b', 'c', 'd', 'e'].map((name) => createTestSite(`hospital-${name}`).member);
const first: Roster = { federation: 'test.example', version: 1, previous: '', members: members.slice(0, 3) };
const after = (roster: Roster, next: Roster['members']): Roster => ({
  ...roster,
  version: roster.version + 1,
  previous: rosterHash(roster),
  members: next,
});
const second = after(first, members.slice(0, 4));
const third = after(second, members);

/** A site of the first roster whose job follows the chain, and what it knows of that. */
class Place {
  readonly journal = new MemoryJournal();
  readonly accepted = new Set<Digest>();
  readonly #known = [first, second, third];
  readonly #terms: SiteTerms;
  /** What the coordinator tells when it is asked. */
  news: () => void = () => {};
  asked = 0;

  constructor(changes: Record<string, unknown> = {}) {
    const manifest = createTestManifest(first, changes);
    this.accepted.add(rosterHash(first));
    this.#terms = {
      ...{ site: members[0]!.site, manifest, manifestHash: manifestHash(manifest) },
      ...{ roster: first, rosterHash: rosterHash(first), knownRoster: () => undefined },
      ...{ policy: { minContributors: 3, allowTwoSites: false }, verify: verifyEd25519 },
    };
    const message = { payload: new Uint8Array(3), signature: new Uint8Array(64) };
    this.journal.recordConsent(manifest.job, { ...this.#terms, message });
  }

  under(roster: Roster, site = this.#terms.site): Promise<SiteTerms> {
    const byHash = (hash: Digest) => {
      const found = this.#known.find((one) => rosterHash(one) === hash);
      return found && { roster: found, hash, isAccepted: this.accepted.has(hash) };
    };
    const follow = async () => {
      this.asked++;
      this.news();
    };
    const rosters = { known: { byHash, latestAccepted: () => undefined }, follow };
    const session = { journal: this.journal, rosters, terms: { ...this.#terms, site } };
    return termsUnder(session, rosterHash(roster));
  }

  accept(...rosters: Roster[]): this {
    for (const roster of rosters) this.accepted.add(rosterHash(roster));
    return this;
  }
}

test('a round under a roster that this site has accepted is gone by, and the coordinator is not asked', async () => {
  const place = new Place().accept(second);
  const { roster, rosterHash: hash } = await place.under(second);
  assert.deepEqual([roster, hash, place.asked], [second, rosterHash(second), 0]);
});

test('a roster that is news is asked for, and gone by once this site accepts it', async () => {
  const place = new Place();
  place.news = () => place.accept(second);
  assert.deepEqual([(await place.under(second)).roster, place.asked], [second, 1]);
});

test('a round under a roster that this site has not accepted, or does not know, is refused', async () => {
  const place = new Place();
  const unknown = after(second, members.slice(1));
  for (const roster of [second, unknown])
    await assert.rejects(place.under(roster), { code: 'ROSTER_NOT_APPROVED', detail: /see roster show/ });
  assert.equal(place.asked, 2);
});

test('attack: a job is not taken back to a roster before the one that its last round went by', async () => {
  const place = new Place().accept(second);
  await place.under(first);
  await place.under(second);
  await assert.rejects(place.under(first), { code: 'BAD_ROSTER', detail: /went by roster version 2/ });
  assert.equal((await place.under(second)).roster, second);
});

test('a job that keeps its roster goes by the one that was consented to, and by no other', async () => {
  const place = new Place({ roster: 'fixed' }).accept(second);
  assert.equal((await place.under(first)).roster, first);
  await assert.rejects(place.under(second), { code: 'WRONG_CONTEXT', detail: /keeps its roster/ });
});

test('a roster that the job has no room for is refused, and keeps the site from no later round', async () => {
  const place = new Place({ contributors: { minimum: 3, capacity: 4 } }).accept(second, third);
  await assert.rejects(place.under(third), { code: 'MANIFEST_INVALID' });
  assert.equal((await place.under(second)).roster, second);
});

test('a site that the roster does not list has no part in the round', async () => {
  const place = new Place().accept(second);
  await assert.rejects(place.under(second, members[4]!.site), { code: 'NOT_A_MEMBER' });
});
