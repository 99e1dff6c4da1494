import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  encodeRoster,
  memberFingerprint,
  parseChainedRoster,
  parseSiteId,
  Refusal,
  rosterApprovalCodec,
  rosterHash,
  signMessage,
  type Member,
  type RefusalCode,
  type Roster,
  type RosterLink,
  type SignedMessage,
} from '@blindsum/proto';
import { createTestSite, type TestSite } from '../../../test/fixtures/federation.ts';
import { MemoryJournal } from '../journal/memory-journal.ts';
import type { ShownRosters } from '../ports.ts';
import { RosterKeeper } from './roster-keeper.ts';

const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => createTestSite(`hospital-${name}`)) as [
  TestSite,
  TestSite,
  TestSite,
  TestSite,
];
const impostor = createTestSite('hospital-b');

const first: Roster = {
  federation: 'test.example',
  version: 1,
  previous: '',
  members: [a, b, c].map(({ member }) => member),
};
const after = (previous: Roster, members: Member[]): Roster => ({
  ...previous,
  version: previous.version + 1,
  previous: rosterHash(previous),
  members,
});
const withD = after(first, [...first.members, d.member]);
const withoutC = after(first, [a.member, b.member]);

const approvalOf = ({ site, sign, member }: TestSite, roster: Roster): SignedMessage => {
  const { federation, version } = roster;
  return signMessage(
    rosterApprovalCodec,
    { federation, site, version, rosterHash: rosterHash(roster) },
    sign,
    { members: [member] },
  );
};
const link = (roster: Roster, ...sites: TestSite[]): RosterLink => ({
  roster: encodeRoster(roster),
  approvals: sites.map((site) => approvalOf(site, roster)),
});
const founded = link(first, a, b, c);
const joined = link(withD, a, b, d);

interface Setup {
  readonly site?: TestSite;
  readonly trusts?: readonly TestSite[];
  readonly roster?: 'manual' | 'members-decide';
  readonly journal?: MemoryJournal;
}

/** The keeper of one site, and a coordinator that shows what a test has it show. */
class Place {
  readonly journal: MemoryJournal;
  readonly keeper: RosterKeeper;
  readonly sent: SignedMessage[] = [];
  readonly refused: string[] = [];
  shown: Partial<ShownRosters> & { readonly chain?: readonly RosterLink[] } = {};

  constructor({ site = a, trusts = [b, c], roster = 'manual', journal = new MemoryJournal() }: Setup = {}) {
    this.journal = journal;
    const members = Object.fromEntries(trusts.map((one) => [one.site, memberFingerprint(one.member)]));
    this.keeper = new RosterKeeper({
      rules: { site: site.site, federation: 'test.example', trust: { members, roster } },
      own: site.member,
      sign: site.sign,
      journal,
      source: {
        rosters: async (version) => {
          const { chain = [], links = chain.slice(version - 1), more = false, proposal } = this.shown;
          return { links, more, proposal };
        },
        approveRoster: async (approval) => void this.sent.push(approval),
        refuseRoster: async ({ version }, reason) => void this.refused.push(`${version}: ${reason}`),
      },
    });
  }

  get accepted(): number {
    return this.keeper.known.latestAccepted()?.roster.version ?? 0;
  }

  async show(shown: Place['shown']) {
    this.shown = shown;
    return this.keeper.follow();
  }

  refuses(code: RefusalCode, shown: Place['shown']): Promise<void> {
    return assert.rejects(this.show(shown), (error) => error instanceof Refusal && error.code === code);
  }
}

test('a roster of listed members is approved and accepted without asking', async () => {
  const place = new Place();
  await place.show({ proposal: { ...founded, approvals: [] } });
  assert.deepEqual(place.sent, [approvalOf(a, first)]);
  assert.equal(place.accepted, 0);
  await place.show({ chain: [founded] });
  assert.equal(place.accepted, 1);
});

test('an approval whose answer was lost is sent again, the same one, until the coordinator shows it', async () => {
  const place = new Place();
  for (let i = 0; i < 2; i++) await place.show({ proposal: { ...founded, approvals: [] } });
  await place.show({ proposal: { ...founded, approvals: [approvalOf(a, first)] } });
  assert.deepEqual(place.sent, [approvalOf(a, first), approvalOf(a, first)]);
});

test('a member that is not listed waits for a person, who approves by what was compared', async () => {
  const place = new Place();
  await place.show({ chain: [founded] });
  const { proposal } = await place.show({ chain: [founded], proposal: { ...joined, approvals: [] } });
  assert.match(
    proposal!.objection!,
    /^trust\.members does not list hospital-d, whose fingerprint .* ([0-9a-f]{4}-?){10}$/,
  );
  assert.deepEqual(place.sent, []);
  await place.show({ chain: [founded, joined] });
  assert.equal(place.accepted, 1);
  const { pending } = await place.keeper.look();
  assert.equal(pending!.step.next.roster.version, 2);
  place.keeper.accept(pending!);
  assert.equal(place.accepted, 2);
});

test('what a person signed for is accepted once it is adopted', async () => {
  const place = new Place();
  const { proposal } = await place.show({ chain: [founded], proposal: { ...joined, approvals: [] } });
  await place.keeper.approve(proposal!);
  assert.deepEqual(place.sent, [approvalOf(a, withD)]);
  await place.show({ chain: [founded, joined] });
  assert.equal(place.accepted, 2);
});

test('a refusal carries its reason, and nothing is signed', async () => {
  const place = new Place();
  const { proposal } = await place.show({ chain: [founded], proposal: { ...joined, approvals: [] } });
  await place.keeper.refuse(proposal!, 'who is d?');
  assert.deepEqual(place.refused, ['2: who is d?']);
  assert.deepEqual(place.sent, []);
});

test('a site that lets the members decide accepts what their quorum adopted, and signs for nothing it does not know', async () => {
  const place = new Place({ roster: 'members-decide' });
  await place.show({ chain: [founded], proposal: { ...joined, approvals: [] } });
  assert.deepEqual(place.sent, []);
  await place.show({ chain: [founded, joined] });
  assert.equal(place.accepted, 2);
});

test('members do not decide against a fingerprint that is listed', async () => {
  const place = new Place({ trusts: [b, impostor], roster: 'members-decide' });
  const { pending } = await place.show({ chain: [founded] });
  assert.match(pending!.objection!, /trust\.members says .* for hospital-b/);
  place.keeper.accept(pending!);
  await place.show({ chain: [founded, joined] });
  assert.equal(place.accepted, 1);
});

test('members decide nothing for a site that has accepted none of their rosters', async () => {
  const place = new Place({ site: d, trusts: [a, b], roster: 'members-decide' });
  const { pending } = await place.show({ chain: [founded, joined] });
  assert.equal(place.accepted, 0);
  assert.match(pending!.objection!, /does not list hospital-c/);
});

test('a site that joins approves itself in, and takes part under the version that lists it', async () => {
  const place = new Place({ site: d, trusts: [a, b, c] });
  await place.show({ chain: [founded], proposal: { ...joined, approvals: [] } });
  assert.deepEqual(place.sent, [approvalOf(d, withD)]);
  await place.show({ chain: [founded, joined] });
  assert.equal(place.keeper.known.latestAccepted()?.hash, rosterHash(withD));
});

test('a listed member is not signed out without a person', async () => {
  const place = new Place();
  const proposal = link(withoutC);
  const news = await place.show({ chain: [founded], proposal });
  assert.match(news.proposal!.objection!, /hospital-c would leave/);
  const unlisted = new Place({ trusts: [b] });
  await unlisted.show({ chain: [founded], proposal });
  assert.equal(unlisted.sent.length, 1);
});

test('attack: a swapped recipient key is neither signed for nor accepted, and is shown by its fingerprint', async () => {
  const place = new Place();
  const swapped = { ...b.member, sharingKey: impostor.member.sharingKey };
  const roster = after(first, [a.member, swapped, c.member]);
  const { proposal } = await place.show({ chain: [founded], proposal: link(roster) });
  assert.match(proposal!.objection!, new RegExp(`shows ${memberFingerprint(swapped)}$`));
  assert.deepEqual(place.sent, []);
  await place.refuses('TOO_FEW_APPROVALS', { chain: [founded, link(roster, a, c)] });
  assert.equal(place.accepted, 1);
});

test('attack: keys of the coordinator in the name of a member do not get into the chain', async () => {
  const place = new Place({ roster: 'members-decide' });
  await place.show({ chain: [founded] });
  const roster = after(first, [a.member, impostor.member, c.member]);
  await place.refuses('TOO_FEW_APPROVALS', { chain: [founded, link(roster, a, c, impostor)] });
});

test('attack: this site with other keys is never approved, not even by a person', async () => {
  const place = new Place();
  const roster = after(first, [{ ...impostor.member, site: a.site }, b.member, c.member]);
  const { proposal } = await place.show({ chain: [founded], proposal: link(roster) });
  await assert.rejects(place.keeper.approve(proposal!), { code: 'NOT_A_MEMBER' });
  assert.deepEqual(place.sent, []);
});

test('attack: a rolled-back chain changes nothing', async () => {
  const place = new Place({ trusts: [b, c, d] });
  await place.show({ chain: [founded, joined] });
  await place.show({ links: [] });
  assert.equal(place.accepted, 2);
  await place.refuses('BAD_ROSTER', { links: [founded] });
  assert.equal(place.accepted, 2);
  // Nor for the process that comes after.
  const again = new Place({ trusts: [b, c, d], journal: place.journal });
  await again.refuses('BAD_ROSTER', { links: [founded] });
  assert.equal(again.accepted, 2);
});

test('attack: a proposal to go back is refused', async () => {
  const place = new Place({ trusts: [b, c, d] });
  await place.show({ chain: [founded, joined] });
  await place.refuses('BAD_ROSTER', { chain: [founded, joined], proposal: link(withoutC) });
  await place.refuses('BAD_ROSTER', { chain: [founded, joined], proposal: founded });
  assert.deepEqual(place.sent, []);
});

test('attack: an approval of the version before, replayed for the next one, counts for nothing', async () => {
  const place = new Place({ trusts: [b, c, d] });
  await place.show({ chain: [founded] });
  const replayed = { ...joined, approvals: [...founded.approvals, approvalOf(d, withD)] };
  await place.refuses('WRONG_CONTEXT', { chain: [founded, replayed] });
  assert.equal(place.accepted, 1);
});

test('attack: of a fork shown to two sites, neither branch has a quorum while a site signs once', async () => {
  const [atA, atC] = [new Place({ trusts: [b, c, d] }), new Place({ site: c, trusts: [a, b, d] })];
  const other = after(first, [a.member, b.member, c.member, createTestSite('hospital-e').member]);
  for (const place of [atA, atC]) {
    await place.show({ chain: [founded], proposal: link(withD) });
    const { proposal } = await place.show({ chain: [founded], proposal: link(other) });
    assert.match(proposal!.objection!, /has approved another roster as version 2/);
    await assert.rejects(place.keeper.approve(proposal!), { code: 'CONFLICTING_SUBMISSION' });
    assert.equal(place.sent.length, 1);
    assert.equal(rosterApprovalCodec.read(place.sent[0]!.payload).rosterHash, rosterHash(withD));
  }
  // A branch that one dishonest member signed for, too, still lacks a member.
  await atC.refuses('TOO_FEW_APPROVALS', { chain: [founded, link(other, b)] });
});

test('attack: a chain of another federation is refused', async () => {
  const place = new Place();
  const foreign = { ...first, federation: 'other.example' };
  await place.refuses('BAD_ROSTER', { chain: [link(foreign, a, b, c)] });
  await place.refuses('BAD_ROSTER', { proposal: link(foreign) });
  assert.deepEqual(place.sent, []);
});

test('a coordinator that promises more and shows nothing is refused', async () => {
  await new Place().refuses('MALFORMED', { links: [], more: true });
});

test('a site that no version lists has no part in it', async () => {
  const place = new Place({ site: d, trusts: [a, b, c] });
  const { accepted, pending, proposal } = await place.show({ chain: [founded], proposal: link(withoutC) });
  assert.deepEqual([accepted, pending, proposal], [undefined, undefined, undefined]);
  assert.equal(parseChainedRoster(founded.roster).hash, place.keeper.known.all()[0]!.hash);
  assert.equal(parseSiteId('hospital-d'), d.site);
});
