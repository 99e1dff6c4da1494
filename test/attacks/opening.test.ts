// Openings that are wrong, and sets to be opened after another one was (PROTOCOL.md section 8, invariants 3, 5, 8 and 11).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { P, setRoot, type KeyShare } from '@blindsum/proto';
import type { RoundSnapshot } from '../../participant/src/session/round-snapshot.ts';
import { everyone, withFederation, type AttackedFederation } from './attacked-federation.ts';

/** The inverse of 3 modulo P. */
const A_THIRD = 43_681;
const offByOne = (sum: KeyShare) => sum.with(0, (sum[0]! + 1) % P);

function assertNothingApplied(federation: AttackedFederation): void {
  assert.deepEqual(federation.senders('attestation'), []);
  assert.ok(federation.modelHashes().every((hash) => hash === undefined));
}

test('one wrong opening among more than the threshold: every site opens the sum without it, and names its site', async () => {
  for (const sites of [3, 4] as const) {
    const liar = sites - 1;
    await withFederation({ sites, dishonest: { [liar]: { release: offByOne } } }, async (federation) => {
      await federation.run();
      assert.equal(federation.senders('opening').length, sites);
      assert.equal(federation.coordinator.phase, 'published');
      federation.assertRefused({});
      assert.equal(new Set(federation.modelHashes()).size, 1);
      for (const { reports } of federation.sites) {
        const named = reports.filter(({ event }) => event === 'wrong-openings');
        assert.deepEqual(
          named.map((report) => 'sites' in report && report.sites),
          [[federation.name(liar)]],
          `${sites} sites`,
        );
      }
    });
  }
});

test('a wrong opening made so that a wrong key sum looks right: the residuals tell them apart', async () => {
  // The sum through sites 2 and 3 is 3·f(2) - 2·f(3): a third at site 2 shows as 1 in the key sum, where a coefficient may be 1.
  const byAThird = (sum: KeyShare) => sum.with(0, (sum[0]! + A_THIRD) % P);
  await withFederation({ sites: 3, dishonest: { 1: { release: byAThird } } }, async (federation) => {
    await federation.run();
    assert.equal(federation.coordinator.phase, 'published');
    federation.assertRefused({});
    assert.equal(new Set(federation.modelHashes()).size, 1);
  });
});

test('one wrong opening among exactly the threshold: the sum does not open, and no model changes', async () => {
  await withFederation({ sites: 4, dishonest: { 2: { release: offByOne } } }, async (federation) => {
    await federation.run('sealed');
    await federation.vanish(3);
    await federation.run();
    assert.deepEqual(federation.senders('opening'), [0, 1, 2]);
    // Off by one at the third point is off by one in the key: beyond its bound or, mostly, a residual.
    for (const { refusals } of federation.sites.slice(0, 3)) {
      assert.match(refusals.at(-1)?.code ?? 'none', /^(BAD_RESIDUAL|BAD_SHARE)$/);
    }
    assertNothingApplied(federation);
  });
});

test('a site that has opened a set opens no other, in no attempt and after no crash', async (t) => {
  await withFederation({ sites: 4 }, async (federation) => {
    const { coordinator } = federation;
    await federation.run();
    assert.equal(coordinator.phase, 'published');
    const sent = coordinator.heard.length;
    const opened = federation.sites.map((site) => site.opening(1)?.setRoot);

    await t.test('a smaller set of the same attempt: ALREADY_OPENED', async () => {
      const smaller = (round: RoundSnapshot): RoundSnapshot => {
        if (!('set' in round)) return round;
        const commitments = round.set.commitments.slice(0, 3);
        return { ...round, set: { setAttempt: 2, root: setRoot(commitments), commitments } };
      };
      await federation.retell('sealed', { show: smaller });
      federation.assertRefused(everyone(4, 'ALREADY_OPENED'));
    });

    await t.test('a second attempt of the round, with fresh contributions: ALREADY_OPENED', async () => {
      coordinator.ref = { ...coordinator.ref, attempt: 2 };
      await federation.retell('collecting', {});
      federation.assertRefused(everyone(4, 'ALREADY_OPENED'));
    });

    assert.equal(coordinator.heard.length, sent, 'a site sent something after it had opened');
    assert.deepEqual(
      federation.sites.map((site) => site.opening(1)?.setRoot),
      opened,
    );
  });
});

test('openings of an attempt that failed before anything was opened do not stop the next one', async () => {
  await withFederation({ sites: 3 }, async (federation) => {
    const { coordinator } = federation;
    await federation.run('summed');
    federation.assertNothingOpened();
    coordinator.announce({ ...coordinator.ref, attempt: 2 });
    await federation.run();
    assert.equal(coordinator.phase, 'published');
    for (const { encryptor } of federation.sites)
      assert.equal(encryptor.payloads.length, 2, 'not a fresh key');
    federation.assertRefused({});
  });
});
