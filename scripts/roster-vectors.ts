// Chains of rosters with their approvals, and the defective ones that must be turned away; written by generate-vectors.ts.
import {
  encodeRoster,
  generateSharingKey,
  rosterApprovalCodec,
  rosterHash,
  signMessage,
  toHex,
  type Bytes,
  type Member,
  type Roster,
  type RosterApproval,
  type SiteId,
} from '@blindsum/proto';
import { createEd25519Signer, type Ed25519Signer } from '@blindsum/proto/node';

const toText = (bytes: Bytes): string => Buffer.from(bytes).toString('utf8');
const bytesOf = (value: number): Bytes => new Uint8Array(32).fill(value);

/** Keys `a` to `e`, from the seeds 1 to 5; `a2` is a second key of site a, `x` of somebody else. */
const SIGNERS = Object.fromEntries(
  ['a', 'b', 'c', 'd', 'e', 'a2', 'x'].map((name, i) => [name, createEd25519Signer(bytesOf(i + 1))]),
) as Record<string, Ed25519Signer>;
const SHARING = Object.fromEntries(
  Object.keys(SIGNERS).map((name, i) => [name, toHex(generateSharingKey(bytesOf(i + 1)).publicKey)]),
);

const member = (site: string, key = site): Member => ({
  site: site as SiteId,
  signingKey: toHex(SIGNERS[key]!.publicKey),
  sharingKey: SHARING[key]!,
});

const first: Roster = {
  federation: 'test.example',
  version: 1,
  previous: '',
  members: ['a', 'b', 'c'].map((site) => member(site)),
};
const after = (changes: Partial<Roster>): Roster => ({
  ...first,
  version: 2,
  previous: rosterHash(first),
  ...changes,
});
const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((site) => member(site)) as [Member, Member, Member, Member];
const ROSTERS = {
  first,
  'd joins': after({ members: [a, b, c, d] }),
  'c leaves': after({ members: [a, b] }),
  'a has new keys': after({ members: [member('a', 'a2'), b, c] }),
  'a has the sharing key of another': after({ members: [{ ...a, sharingKey: SHARING['x']! }, b, c] }),
  'another version': after({ version: 3 }),
  'another previous': after({ previous: rosterHash(after({})) }),
  'another federation': after({ federation: 'other.example' }),
  'e joins d': after({
    version: 3,
    previous: rosterHash(after({ members: [a, b, c, d] })),
    members: [a, b, c, d, member('e')],
  }),
};
type RosterName = keyof typeof ROSTERS;

/** `site` approves `roster`, as the member with key `as`, signed by `key`; `changes` are laid over what is signed. */
function approve(
  roster: RosterName,
  site: string,
  { key = site, as = site, ...changes }: Partial<RosterApproval> & { key?: string; as?: string } = {},
) {
  const { federation, version } = ROSTERS[roster];
  const value = { federation, site: site as SiteId, version, rosterHash: rosterHash(ROSTERS[roster]) };
  const by = { members: [member(site, as)] };
  const signed = signMessage(rosterApprovalCodec, { ...value, ...changes }, SIGNERS[key]!.sign, by);
  return { payload: toText(signed.payload), signature: toHex(signed.signature) };
}

const all = (roster: RosterName, ...sites: string[]) => ({
  roster,
  approvals: sites.map((site) => approve(roster, site)),
});
const one = all('first', 'a', 'b', 'c');
const joined = (...approvals: ReturnType<typeof approve>[]) => [one, { roster: 'd joins', approvals }];
const join = (site: string, changes = {}) => approve('d joins', site, changes);

const GOOD = [
  { what: 'a first roster that all its members approve', links: [one] },
  {
    what: 'a member joins, a quorum and itself approving',
    links: joined(join('a'), join('c'), join('d')),
  },
  { what: 'more approve than must', links: joined(...['a', 'b', 'c', 'd'].map((site) => join(site))) },
  { what: 'a member leaves without approving', links: [one, all('c leaves', 'a', 'b')] },
  {
    what: 'a member changes its keys, approving with both',
    links: [
      one,
      {
        roster: 'a has new keys',
        approvals: [
          approve('a has new keys', 'a'),
          approve('a has new keys', 'a', { key: 'a2', as: 'a2' }),
          approve('a has new keys', 'b'),
        ],
      },
    ],
  },
  {
    what: 'three of four and the fifth',
    links: [...joined(join('a'), join('c'), join('d')), all('e joins d', 'a', 'b', 'd', 'e')],
  },
];

const BAD = [
  {
    defect: 'a first roster that one member has not approved',
    code: 'TOO_FEW_APPROVALS',
    links: [all('first', 'a', 'b')],
  },
  { defect: 'one of three approving', code: 'TOO_FEW_APPROVALS', links: joined(join('a'), join('d')) },
  {
    defect: 'two of four approving',
    code: 'TOO_FEW_APPROVALS',
    links: [...joined(join('a'), join('c'), join('d')), all('e joins d', 'a', 'b', 'e')],
  },
  {
    defect: 'a member that joins without approving',
    code: 'TOO_FEW_APPROVALS',
    links: joined(join('a'), join('b'), join('c')),
  },
  {
    defect: 'a new key that its owner has not approved with the old one',
    code: 'TOO_FEW_APPROVALS',
    links: [
      one,
      {
        roster: 'a has new keys',
        approvals: [
          approve('a has new keys', 'a', { key: 'a2', as: 'a2' }),
          approve('a has new keys', 'b'),
          approve('a has new keys', 'c'),
        ],
      },
    ],
  },
  {
    defect: 'a new key that was not used to approve it',
    code: 'TOO_FEW_APPROVALS',
    links: [one, all('a has new keys', 'a', 'b', 'c')],
  },
  {
    defect: 'a swapped sharing key that its owner has not approved',
    code: 'TOO_FEW_APPROVALS',
    links: [one, all('a has the sharing key of another', 'b', 'c')],
  },
  {
    defect: 'one site approving twice',
    code: 'CONFLICTING_SUBMISSION',
    links: joined(join('a'), join('a'), join('d')),
  },
  {
    defect: 'a stranger approving',
    code: 'NOT_A_MEMBER',
    links: joined(join('a'), join('b'), join('d'), join('e')),
  },
  {
    defect: "a stranger signing in a member's name",
    code: 'BAD_SIGNATURE',
    links: joined(join('a'), join('b', { key: 'x' }), join('d')),
  },
  {
    defect: 'an approval of the version before',
    code: 'WRONG_CONTEXT',
    links: joined(approve('first', 'a'), join('b'), join('d')),
  },
  {
    defect: 'an approval of another roster of the version',
    code: 'WRONG_CONTEXT',
    links: joined(approve('c leaves', 'a'), join('b'), join('d')),
  },
  {
    defect: 'an approval with another version',
    code: 'WRONG_CONTEXT',
    links: joined(join('a', { version: 3 }), join('b'), join('d')),
  },
  {
    defect: 'an approval in another federation',
    code: 'WRONG_CONTEXT',
    links: joined(join('a', { federation: 'other.example' }), join('b'), join('d')),
  },
  {
    defect: 'a version left out',
    code: 'BAD_ROSTER',
    links: [one, all('another version', 'a', 'b', 'c')],
  },
  {
    defect: 'a second version in the first place',
    code: 'BAD_ROSTER',
    links: [all('d joins', 'a', 'b', 'c', 'd')],
  },
  { defect: 'the first version again', code: 'BAD_ROSTER', links: [one, one] },
  {
    defect: 'a previous hash that is not that of the one before',
    code: 'BAD_ROSTER',
    links: [one, all('another previous', 'a', 'b', 'c')],
  },
  {
    defect: 'a successor in another federation',
    code: 'BAD_ROSTER',
    links: [one, all('another federation', 'a', 'b', 'c')],
  },
];

/** The members of `first` are three, so that two of them are a quorum. */
export function rosterChains() {
  const rosters = Object.entries(ROSTERS);
  const texts: [string, string][] = rosters.map(([name, roster]) => [name, toText(encodeRoster(roster))]);
  const hashes: [string, string][] = rosters.map(([name, roster]) => [name, rosterHash(roster)]);
  return {
    rosters: Object.fromEntries(texts),
    hashes: Object.fromEntries(hashes),
    good: GOOD,
    bad: BAD,
  };
}
