// Without an attack the sites open exactly the plain sum (PROTOCOL.md section 8, invariants 4, 5, 6 and 9).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createInitialModel, globalModelHash, levels } from '@blindsum/proto';
import { withFederation, type AttackedFederation } from './attacked-federation.ts';
import { oneHotPlace } from './one-hot-learner.ts';

const add = (rows: readonly ArrayLike<number>[]) =>
  Array.from(rows[0]!, (_, i) => rows.reduce((sum, row) => sum + row[i]!, 0));

/** What these sites opened last is the plain sum of what all sites encrypted last. */
function assertOpenedExactly({ sites }: AttackedFederation, openers: readonly number[]): void {
  const plain = sites.map(({ encryptor }) => encryptor.payloads.at(-1)!);
  for (const index of openers) {
    const opened = sites[index]!.encryptor.opened.at(-1)!;
    assert.deepEqual(opened.header, add(plain.map(({ header }) => header)));
    assert.deepEqual([...opened.values], add(plain.map(({ biased }) => biased)));
    assert.equal(opened.contributors, sites.length);
  }
}

/** How often each site's one-hot update is in the opened sum. */
function countsIn({ manifest, sites }: AttackedFederation, opener: number): number[] {
  const { values, contributors } = sites[opener]!.encryptor.opened.at(-1)!;
  const one = levels(manifest.encoding.bits);
  return sites.map((_, i) => (values[oneHotPlace(manifest, i)]! - contributors * one) / one);
}

function assertOneModel(federation: AttackedFederation, holders: readonly number[]): void {
  const hashes = new Set(holders.map((index) => federation.modelHashes()[index]));
  assert.equal(hashes.size, 1);
  assert.ok(!hashes.has(undefined));
}

test('three sites open the plain sums in every round of a job, and hold one model, bit by bit', async () => {
  await withFederation({ sites: 3, round: 0, decryptsEverywhere: true }, async (federation) => {
    const { coordinator, manifest } = federation;
    for (const round of [0, 1, 2]) {
      if (round > 0) coordinator.announce({ ...coordinator.ref, round }, federation.modelHashes()[0]);
      await federation.run();
      assert.equal(coordinator.phase, 'published');
      assertOpenedExactly(federation, [0, 1, 2]);
      assertOneModel(federation, [0, 1, 2]);
      if (round === 1) assert.deepEqual(countsIn(federation, 0), [1, 1, 1]);
    }
    assert.notEqual(federation.modelHashes()[0], globalModelHash(createInitialModel(manifest)));
    federation.assertRefused({});
  });
});

test('four sites open the plain sum, and each contribution is in it exactly once', async () => {
  await withFederation({ sites: 4, decryptsEverywhere: true }, async (federation) => {
    await federation.run();
    assert.equal(federation.coordinator.phase, 'published');
    assertOpenedExactly(federation, [0, 1, 2, 3]);
    assert.deepEqual(countsIn(federation, 3), [1, 1, 1, 1]);
    assertOneModel(federation, [0, 1, 2, 3]);
    federation.assertRefused({});
  });
});

for (const [sites, others] of [
  [3, [0, 1]],
  [4, [0, 1, 2]],
] as const) {
  test(`one of ${sites} sites vanishes after it has committed: the others open, and it counts once`, async () => {
    await withFederation({ sites }, async (federation) => {
      await federation.run('sealed');
      await federation.vanish(sites - 1);
      await federation.run();
      assert.equal(federation.coordinator.phase, 'published');
      assert.deepEqual(federation.senders('opening'), others);
      assert.equal(others.length, federation.manifest.threshold);
      assertOpenedExactly(federation, others);
      assert.deepEqual(countsIn(federation, 0), Array(sites).fill(1));
      assertOneModel(federation, others);
      federation.assertRefused({});
    });
  });
}

test('sites that are killed in every phase go on from their journals, and no key is made twice', async () => {
  await withFederation({ sites: 3 }, async (federation) => {
    for (const phase of ['collecting', 'sealed', 'summed', 'opening'] as const) {
      await federation.run(phase);
      for (const site of federation.sites) await site.stop();
    }
    await federation.run();
    assert.equal(federation.coordinator.phase, 'published');
    assert.deepEqual(countsIn(federation, 2), [1, 1, 1]);
    for (const { encryptor } of federation.sites) assert.equal(encryptor.payloads.length, 1);
    federation.assertRefused({});
  });
});
