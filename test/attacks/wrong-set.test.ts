// A coordinator that seals a set it may not seal, or two of them (PROTOCOL.md section 8, invariants 2, 3, 7 and 11).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  acknowledgementCodec,
  commitmentCodec,
  memberPseudonym,
  setRoot,
  signingBytes,
  signMessage,
  toCanonicalBytes,
  type RefusalCode,
  type SignedMessage,
  type SiteId,
} from '@blindsum/proto';
import type { RoundSnapshot, SealedSetSnapshot } from '../../participant/src/session/round-snapshot.ts';
import { createTestSite, type TestSite } from '../fixtures/federation.ts';
import { everyone, withFederation } from './attacked-federation.ts';
import type { Lies } from './lying-coordinator.ts';

const stranger = createTestSite('hospital-x');

/** A site's commitment with some fields changed, signed by another key. */
function forge(commitment: SignedMessage, sign: TestSite['sign'], changes: object): SignedMessage {
  const { type } = commitmentCodec;
  const payload = toCanonicalBytes({ type, ...commitmentCodec.read(commitment.payload), ...changes });
  return { payload, signature: sign(signingBytes(type, payload)) };
}

const toSet = (setAttempt: number, commitments: readonly SignedMessage[]): SealedSetSnapshot => ({
  setAttempt,
  root: setRoot(commitments),
  commitments,
});

const acknowledge = (set: SealedSetSnapshot, { site, sign, member }: TestSite) => {
  const { context } = commitmentCodec.read(set.commitments[0]!.payload);
  return signMessage(
    acknowledgementCodec,
    { context, site, setAttempt: set.setAttempt, setRoot: set.root },
    sign,
    { members: [member] },
  );
};

const isSealed = (round: RoundSnapshot) => 'set' in round;

const BAD_SETS: [string, NonNullable<Lies['seal']>, RefusalCode][] = [
  ['three contributors where the job asks for four', (all) => all.slice(0, 3), 'TOO_FEW_CONTRIBUTORS'],
  ['two contributors', (all) => all.slice(0, 2), 'TOO_FEW_CONTRIBUTORS'],
  ['one contributor', (all) => all.slice(0, 1), 'TOO_FEW_CONTRIBUTORS'],
  [
    'an invented member',
    (all) => [...all, forge(all[0]!, stranger.sign, { site: memberPseudonym(stranger.member) })],
    'NOT_A_MEMBER',
  ],
  [
    'one contributor and three invented ones',
    ([first]) => [
      first!,
      ...['hospital-x', 'hospital-y', 'hospital-z']
        .map(createTestSite)
        .map(({ sign, member }) => forge(first!, sign, { site: memberPseudonym(member) })),
    ],
    'NOT_A_MEMBER',
  ],
  [
    'one contributor, and the others in whose names the coordinator signs',
    ([first, ...others]) => [first!, ...others.map((other) => forge(other, stranger.sign, {}))],
    'BAD_SIGNATURE',
  ],
  [
    'a commitment that the member did not sign',
    (all) => [...all.slice(0, 3), forge(all[3]!, stranger.sign, { shareRoot: 'ab'.repeat(32) })],
    'BAD_SIGNATURE',
  ],
  ['one member twice', ([a, b, c, d]) => [a!, b!, c!, c!, d!], 'MALFORMED'],
  ['members out of order', (all) => all.toReversed(), 'MALFORMED'],
];

test('no site acknowledges or opens a set that it may not', async (t) => {
  await withFederation({ sites: 4, minimum: 4 }, async (federation) => {
    await federation.run('collecting');
    for (const [what, seal, code] of BAD_SETS) {
      await t.test(`a set with ${what}: ${code} at every site`, async () => {
        await federation.retell('collecting', { seal });
        assert.deepEqual(federation.senders('acknowledgement'), []);
        federation.assertRefusedBeforeOpening(everyone(4, code));
      });
    }

    await t.test('a root that is not that of the commitments: ROOT_MISMATCH at every site', async () => {
      const show = (round: RoundSnapshot) =>
        isSealed(round) ? { ...round, set: { ...round.set, root: setRoot([]) } } : round;
      await federation.retell('collecting', { show });
      assert.deepEqual(federation.senders('acknowledgement'), []);
      federation.assertRefusedBeforeOpening(everyone(4, 'ROOT_MISMATCH'));
    });

    await t.test('the set of all: they open it', async () => {
      await federation.retell('collecting', {});
      assert.equal(federation.coordinator.phase, 'published');
      federation.assertRefused({});
    });
  });
});

test('fewer acknowledgements than the threshold: no site signs for the sum, and none opens', async () => {
  const show = (round: RoundSnapshot) =>
    isSealed(round) ? { ...round, acknowledgements: round.acknowledgements.slice(0, 2) } : round;
  await withFederation({ sites: 4, lies: { show } }, async (federation) => {
    await federation.run();
    assert.equal(federation.manifest.threshold, 3);
    assert.deepEqual(federation.senders('acknowledgement'), [0, 1, 2, 3]);
    assert.deepEqual(federation.senders('checksum'), []);
    federation.assertRefusedBeforeOpening(everyone(4, 'TOO_FEW_ACKNOWLEDGEMENTS'));

    // The acknowledgements of the set that all have seen say nothing about a smaller one.
    const replay = (round: RoundSnapshot) =>
      isSealed(round) ? { ...round, set: toSet(2, round.set.commitments.slice(0, 3)) } : round;
    await federation.retell('sealed', {
      show: (round) => (round.phase === 'sealed' ? round : replay(round)),
    });
    assert.deepEqual(federation.senders('checksum'), []);
    federation.assertRefusedBeforeOpening(everyone(4, 'TOO_FEW_ACKNOWLEDGEMENTS'));

    // One member's signature counts once, and a stranger's does not.
    const repeat = (round: RoundSnapshot) => {
      if (!isSealed(round)) return round;
      const [a, b] = round.acknowledgements;
      return { ...round, acknowledgements: [a!, b!, a!, b!, acknowledge(round.set, stranger)] };
    };
    await federation.retell('sealed', { show: repeat });
    federation.assertRefusedBeforeOpening(everyone(4, 'TOO_FEW_ACKNOWLEDGEMENTS'));
  });
});

/** Shows a set of all to the first two sites, and one without the first to the last two. */
function splitSites(round: RoundSnapshot, site: SiteId): RoundSnapshot {
  if (!isSealed(round) || site < 'hospital-c') return round;
  return { ...round, set: toSet(1, round.set.commitments.slice(1)) };
}

test('two sets shown to two halves of the sites: neither has enough acknowledgements', async () => {
  await withFederation({ sites: 4, lies: { show: splitSites } }, async (federation) => {
    await federation.run();
    assert.deepEqual(federation.senders('acknowledgement'), [0, 1, 2, 3]);
    federation.assertRefusedBeforeOpening(everyone(4, 'TOO_FEW_ACKNOWLEDGEMENTS'));
  });
});

test('two sets, and a member that acknowledges both: only one of them is ever opened', async () => {
  await withFederation({ sites: 4 }, async (federation) => {
    const traitor = federation.identities[2]!;
    const show = (round: RoundSnapshot, site: SiteId): RoundSnapshot => {
      if (!isSealed(round)) return round;
      // All commitments are shown to the first site, the others see the sealed set without it.
      const all = federation.coordinator.messages('commitment');
      const set = site === 'hospital-a' ? toSet(1, all) : round.set;
      return { ...round, set, acknowledgements: [...round.acknowledgements, acknowledge(set, traitor)] };
    };
    federation.coordinator.lies = { seal: (all) => all.slice(1), show };
    await federation.run();
    assert.deepEqual(federation.senders('opening'), [1, 2, 3]);
    federation.assertRefused({ 0: 'TOO_FEW_ACKNOWLEDGEMENTS' });
    const opened = federation.sites.map((site) => site.opening(1)?.setRoot);
    assert.equal(opened[0], undefined);
    assert.equal(new Set(opened.slice(1)).size, 1);
  });
});
