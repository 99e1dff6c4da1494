import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createInitialModel,
  createManifest,
  encodeGlobalModel,
  encodeManifest,
  globalModelHash,
  leastThreshold,
  payloadLayout,
  roundMinimum,
  roundThreshold,
  manifestHash,
  parseGlobalModel,
  parseJobFile,
  parseManifest,
  Refusal,
  toCanonicalBytes,
  verifyManifestFits,
  type RefusalCode,
} from '@blindsum/proto';
import { createTestFederation, createTestManifest, TEST_JOB, TEST_AUTHOR } from '../fixtures/federation.ts';

const { roster } = createTestFederation();
const manifest = createTestManifest(roster);

function refuses(code: RefusalCode, place: RegExp, action: () => unknown): void {
  assert.throws(action, (error) => {
    assert.ok(error instanceof Refusal, String(error));
    assert.equal(error.code, code);
    assert.match(error.detail, place);
    return true;
  });
}

test('a manifest parses back, and its hash follows every change', () => {
  assert.deepEqual(parseManifest(encodeManifest(manifest)), manifest);
  assert.notEqual(manifestHash(manifest), manifestHash({ ...manifest, rounds: 3 }));
});

test('decimals of a job file become canonical text', () => {
  assert.equal(manifest.training.optimizer.learningRate, '0.1');
  assert.equal(manifest.data.features[1]?.type === 'number' && manifest.data.features[1].max, '2.5');
});

test('a job file with an unknown key is refused with the place of the key', () => {
  refuses('CONFIG_INVALID', /training.*epoch/, () =>
    parseJobFile({ ...TEST_JOB, training: { ...TEST_JOB.training, epoch: 3 } }),
  );
});

test('a job can demand every member of its roster, in either spelling', () => {
  for (const contributors of ['all', { minimum: 'all' }]) {
    const { minimum, all } = createManifest(
      parseJobFile({ ...TEST_JOB, contributors }),
      roster,
      TEST_AUTHOR,
    ).contributors;
    assert.deepEqual([minimum, all], [roster.members.length, true]);
  }
  refuses('CONFIG_INVALID', /contributors\.minimum.*expected all, or a whole number/, () =>
    parseJobFile({ ...TEST_JOB, contributors: { minimum: 'everyone' } }),
  );
  refuses('CONFIG_INVALID', /contributors/, () => parseJobFile({ ...TEST_JOB, contributors: 'most' }));
});

test('a manifest with an unknown key is refused', () => {
  refuses('MANIFEST_INVALID', /extra/, () => parseManifest(toCanonicalBytes({ ...manifest, extra: 1 })));
});

test('a model whose size disagrees with the manifest is refused', () => {
  const model = { ...manifest.model, parameters: manifest.model.parameters + 1 };
  refuses('MODEL_MISMATCH', /model\.parameters/, () => parseManifest(encodeManifest({ ...manifest, model })));
});

test('two contributors need allowTwoSites', () => {
  const contributors = { ...manifest.contributors, minimum: 2 };
  refuses('MANIFEST_INVALID', /allowTwoSites/, () =>
    parseManifest(encodeManifest({ ...manifest, contributors })),
  );
});

test('a threshold with which two sets could both be opened is refused', () => {
  assert.equal(leastThreshold(3, 0), 2);
  assert.equal(leastThreshold(10, 3), 7);
  const five = createTestFederation(['a', 'b', 'c', 'd', 'e']).roster;
  const low = () => createTestManifest(five, { threshold: 3 });
  refuses('MANIFEST_INVALID', /threshold: must be 4 to 5/, low);
  // A manifest that was not made by this program is no way around it.
  assert.equal(roundThreshold({ ...createTestManifest(five), threshold: 3 }, 5), 4);
});

test('a larger roster needs a higher threshold, and one that the job has no room for is refused', () => {
  const three = createTestManifest(roster);
  assert.deepEqual(
    [3, 4, 5, 16].map((sites) => roundThreshold(three, sites)),
    [2, 3, 3, 9],
  );
  const names = (count: number) => Array.from({ length: count }, (_, i) => `s${i}`);
  verifyManifestFits(three, createTestFederation(names(16)).roster);
  refuses('MANIFEST_INVALID', /contributors\.capacity: 16 members, the roster has 17/, () =>
    verifyManifestFits(three, createTestFederation(names(17)).roster),
  );
  const two = createTestFederation(names(2)).roster;
  refuses('MANIFEST_INVALID', /contributors\.minimum/, () => verifyManifestFits(three, two));
  const high = createTestManifest(createTestFederation(names(4)).roster, { threshold: 4 });
  refuses('MANIFEST_INVALID', /threshold: 4 sites are needed/, () => verifyManifestFits(high, roster));
});

test('the size of a contribution does not depend on the roster of its round', () => {
  const wide = createTestManifest(roster, { contributors: { capacity: 64 } });
  assert.equal(payloadLayout(wide, 'training').packing.sites, 64);
  assert.equal(payloadLayout(createTestManifest(roster), 'training').packing.sites, 16);
});

test('a job that demands all demands those of the roster of the round', () => {
  const all = createTestManifest(roster, { contributors: 'all' });
  assert.deepEqual([roundMinimum(all, 3), roundMinimum(all, 5), roundMinimum(all, 2)], [3, 5, 3]);
  assert.equal(roundMinimum(createTestManifest(roster), 5), 3);
});

test('two sets can never both reach the threshold, for every roster size and f', () => {
  for (let n = 2; n <= 64; n++) {
    for (let f = 0; f < n; f++) assert.ok(2 * leastThreshold(n, f) > n + f);
  }
});

test('rows beyond what the header can count are refused before the job starts', () => {
  const strategy = { ...TEST_JOB.strategy, maxExamples: 1 << 24 };
  refuses('MANIFEST_INVALID', /maxExamples/, () =>
    createManifest(
      parseJobFile({ ...TEST_JOB, strategy }),
      createTestFederation(Array.from({ length: 20 }, (_, i) => `s${i}`)).roster,
      TEST_AUTHOR,
    ),
  );
});

test('a model file survives writing and reading, and one byte less or more is refused', () => {
  const model = createInitialModel(manifest);
  const bytes = encodeGlobalModel(model);
  assert.deepEqual(parseGlobalModel(bytes, manifest), model);
  assert.equal(globalModelHash(model), manifest.model.initialHash);
  refuses('MODEL_MISMATCH', /parameters/, () => parseGlobalModel(bytes.subarray(1), manifest));
  refuses('MODEL_MISMATCH', /parameters/, () => parseGlobalModel(Uint8Array.of(...bytes, 0), manifest));
  refuses('MODEL_MISMATCH', /parameters/, () => parseGlobalModel(bytes.with(0, 0), manifest));
});

test('a model file that holds NaN is refused', () => {
  const model = createInitialModel(manifest);
  model.weights[2] = NaN;
  refuses('MODEL_MISMATCH', /finite/, () => parseGlobalModel(encodeGlobalModel(model), manifest));
});

test('parseGlobalModel copies out of a Node buffer that shares memory', () => {
  const bytes = Buffer.from(encodeGlobalModel(createInitialModel(manifest)));
  const model = parseGlobalModel(bytes, manifest);
  const before = model.weights[0];
  bytes.fill(0);
  assert.equal(model.weights[0], before);
});
