// Every rule of a policy, alone and together.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { authorFingerprint, encodeDecimal, type Manifest } from '@blindsum/proto';
import { createTestFederation, createTestManifest, TEST_AUTHOR } from '../../../test/fixtures/federation.ts';
import { ALLOW_ALL, allowAll } from '../../../test/fixtures/policies.ts';
import { NOTHING_ALLOWED, parsePolicy, type Policy } from './policy.ts';
import {
  describeForbidding,
  reviewPolicy,
  RULE_NAMES,
  verifyAllowed,
  type Asked,
  type RuleName,
} from './review-policy.ts';

const { roster } = createTestFederation(['a', 'b', 'c', 'd', 'e']);
const manifest = createTestManifest(roster);
const ASKED: Asked = { manifest, roster, history: { roundsOfOthers: 0 } };

function forbiddenBy(policy: Policy, changes: Partial<Asked> = {}): RuleName[] {
  return reviewPolicy(policy, { ...ASKED, ...changes })
    .filter(({ isAllowed }) => !isAllowed)
    .map(({ rule }) => rule);
}

const withTerms = (changes: Partial<Manifest>): Partial<Asked> => ({ manifest: { ...manifest, ...changes } });
const PAIRS = withTerms({ contributors: { ...manifest.contributors, minimum: 2, allowTwoSites: true } });

test('an empty policy allows nothing: whoever is permitted, must be written down', () => {
  assert.deepEqual(forbiddenBy(NOTHING_ALLOWED), [
    'authors',
    'jobs',
    'columns',
    'maxParameters',
    'maxRounds.job',
    'maxRounds.all',
    'maxClipNorm',
    'privacy',
  ]);
  assert.deepEqual([NOTHING_ALLOWED.approval, NOTHING_ALLOWED.minContributors], ['person', 3]);
});

test('a policy that allows everything by name allows the job, and every rule says so', () => {
  const verdicts = reviewPolicy(allowAll(), ASKED);
  assert.deepEqual(
    verdicts.map(({ rule }) => rule),
    RULE_NAMES,
  );
  verifyAllowed(verdicts);
});

/** For each rule: policies and terms that it forbids, and the same that it just allows. */
const EDGES: Readonly<
  Record<RuleName, { forbids: [object, Partial<Asked>?][]; allows: [object, Partial<Asked>?][] }>
> = {
  authors: {
    forbids: [
      [{ authors: [] }],
      [{ authors: ['0a1b', ...Array<string>(9).fill('0000')].join('-').split(' ') }],
    ],
    allows: [[{ authors: [authorFingerprint(TEST_AUTHOR)] }]],
  },
  jobs: {
    forbids: [[{ jobs: [] }], [{ jobs: ['test', 'test-jo', 'job', 'test-job-'] }], [{ jobs: ['x*', '*-x'] }]],
    allows: [[{ jobs: ['test-job'] }], [{ jobs: ['test-*'] }], [{ jobs: ['*'] }], [{ jobs: ['x', '*-j*b'] }]],
  },
  columns: {
    forbids: [
      [{ columns: [] }],
      [{ columns: ['age', 'dose', 'ward'] }],
      [{ columns: ['age', 'ward', 'outcome'] }],
    ],
    allows: [[{ columns: ['outcome', 'ward', 'dose', 'age', 'other'] }]],
  },
  maxParameters: {
    forbids: [[{ maxParameters: manifest.model.parameters - 1 }]],
    allows: [[{ maxParameters: manifest.model.parameters }]],
  },
  'maxRounds.job': {
    forbids: [[{ maxRounds: { job: 1, all: 100 } }]],
    allows: [[{ maxRounds: { job: 2, all: 100 } }]],
  },
  'maxRounds.all': {
    forbids: [
      [{ maxRounds: { job: 100, all: 3 } }],
      [{ maxRounds: { job: 100, all: 10 } }, { history: { roundsOfOthers: 7 } }],
    ],
    allows: [[{ maxRounds: { job: 100, all: 10 } }, { history: { roundsOfOthers: 6 } }]],
  },
  maxClipNorm: { forbids: [[{ maxClipNorm: 0.99 }], [{ maxClipNorm: 0 }]], allows: [[{ maxClipNorm: 1 }]] },
  privacy: {
    forbids: [
      [{ privacy: undefined }],
      [{ privacy: { mechanism: 'skellam', maxEpsilon: 100, maxDelta: 0.1 } }],
    ],
    allows: [[{ privacy: 'none' }]],
  },
  minContributors: { forbids: [[{ minContributors: 4 }]], allows: [[{ minContributors: 3 }]] },
  allowTwoSites: {
    forbids: [[{ minContributors: 2 }, PAIRS]],
    allows: [[{ minContributors: 2, allowTwoSites: true }, PAIRS]],
  },
  minThreshold: {
    // T is 4 of 5.
    forbids: [
      [{ minThreshold: { sites: 5 } }],
      [{ minThreshold: { fraction: 0.81 } }],
      [{ minThreshold: { sites: 2, fraction: 1 } }],
    ],
    allows: [[{ minThreshold: { sites: 4, fraction: 0.8 } }]],
  },
  requireStableSets: {
    forbids: [[{ requireStableSets: true }]],
    allows: [[{ requireStableSets: true }, withTerms({ lateSites: 'refused' })]],
  },
};

for (const [rule, { forbids, allows }] of Object.entries(EDGES)) {
  test(`${rule}: what it forbids, and what it just allows`, () => {
    for (const [changes, asked] of forbids)
      assert.deepEqual(forbiddenBy(allowAll(changes), asked), [rule], JSON.stringify(changes));
    for (const [changes, asked] of allows)
      assert.deepEqual(forbiddenBy(allowAll(changes), asked), [], JSON.stringify(changes));
  });
}

test('every rule that forbids is named, with what the job asks for', () => {
  const verdicts = reviewPolicy(allowAll({ jobs: [], columns: ['age', 'dose', 'ward'] }), ASKED);
  const detail =
    'policy.jobs: the job is test-job, which is not listed; ' +
    'policy.columns: the job reads outcome, which is not permitted';
  assert.equal(describeForbidding(verdicts), detail);
  assert.throws(() => verifyAllowed(verdicts), { code: 'POLICY_FORBIDS', detail });
});

const changes = fc.record(
  {
    authors: fc.constantFrom('any', [], [authorFingerprint(TEST_AUTHOR)]),
    jobs: fc.oneof(fc.constant('any'), fc.array(fc.stringMatching(/^[a-z*-]{1,10}$/), { maxLength: 4 })),
    columns: fc.oneof(
      fc.constant('any'),
      fc.uniqueArray(fc.constantFrom('age', 'dose', 'ward', 'outcome', 'other')),
    ),
    maxParameters: fc.nat(60),
    maxRounds: fc.record({ job: fc.nat(5), all: fc.nat(12) }),
    maxClipNorm: fc.double({ min: 0, max: 4, noNaN: true }),
    privacy: fc.constantFrom('none', undefined),
    minContributors: fc.integer({ min: 2, max: 6 }),
    allowTwoSites: fc.boolean(),
    minThreshold: fc.record({
      sites: fc.integer({ min: 2, max: 6 }),
      fraction: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    requireStableSets: fc.boolean(),
  },
  { requiredKeys: [] },
);

/** Half of them allow everything that is named: otherwise hardly any job would be allowed. */
const policies = fc.oneof(fc.constant({}), changes);

const asked = fc
  .record({
    rounds: fc.integer({ min: 1, max: 5 }),
    minimum: fc.integer({ min: 2, max: 5 }),
    threshold: fc.integer({ min: 2, max: 5 }),
    clip: fc.integer({ min: 1, max: 400 }),
    lateSites: fc.constantFrom('next-round' as const, 'refused' as const),
    roundsOfOthers: fc.nat(9),
  })
  .map(({ rounds, minimum, threshold, clip, lateSites, roundsOfOthers }) => ({
    ...ASKED,
    ...withTerms({
      ...{ rounds, threshold, lateSites },
      contributors: { ...manifest.contributors, minimum, allowTwoSites: minimum === 2 },
      strategy: { ...manifest.strategy, clipNorm: encodeDecimal(clip / 100)! },
    }),
    history: { roundsOfOthers },
  }));

test('what is allowed is what each rule allows, as one reads them', () => {
  let allowed = 0;
  fc.assert(
    fc.property(policies, asked, (values, of) => {
      const policy = parsePolicy({ ...ALLOW_ALL, ...values });
      const { contributors, threshold, rounds, strategy, lateSites } = of.manifest;
      const isAllowed =
        policy.authors.length > 0 &&
        forbiddenBy(policy, of).every((rule) => rule !== 'jobs' && rule !== 'columns') &&
        manifest.model.parameters <= policy.maxParameters &&
        rounds <= policy.maxRounds.job &&
        rounds + 2 + of.history.roundsOfOthers <= policy.maxRounds.all &&
        Number(strategy.clipNorm) <= policy.maxClipNorm &&
        policy.privacy === 'none' &&
        contributors.minimum >= policy.minContributors &&
        (contributors.minimum > 2 || policy.allowTwoSites) &&
        threshold >= policy.minThreshold.sites &&
        threshold >= policy.minThreshold.fraction * 5 &&
        (!policy.requireStableSets || lateSites === 'refused');
      const verdicts = reviewPolicy(policy, of);
      assert.deepEqual(
        verdicts.map(({ rule }) => rule),
        RULE_NAMES,
      );
      assert.equal(
        verdicts.every((verdict) => verdict.isAllowed),
        isAllowed,
      );
      if (isAllowed) allowed++;
    }),
    { numRuns: 1000 },
  );
  assert.ok(allowed > 0 && allowed < 1000, `${allowed} of 1000 allowed`);
});

test('a policy that is tightened never allows more', () => {
  const tighter: ((policy: Policy) => object)[] = [
    () => ({ authors: [] }),
    ({ columns }) => ({ columns: columns === 'any' ? [] : columns.slice(1) }),
    ({ jobs }) => ({ jobs: jobs === 'any' ? [] : jobs.slice(1) }),
    ({ maxParameters }) => ({ maxParameters: Math.max(0, maxParameters - 1) }),
    ({ maxClipNorm }) => ({ maxClipNorm: maxClipNorm / 2 }),
    ({ minContributors }) => ({ minContributors: minContributors + 1 }),
    () => ({ privacy: undefined }),
    () => ({ requireStableSets: true }),
    ({ minThreshold }) => ({ minThreshold: { ...minThreshold, fraction: 1 } }),
  ];
  fc.assert(
    fc.property(policies, asked, fc.constantFrom(...tighter), (values, of, tighten) => {
      const policy = parsePolicy({ ...ALLOW_ALL, ...values });
      const before = forbiddenBy(policy, of);
      const after = forbiddenBy({ ...policy, ...tighten(policy) }, of);
      for (const rule of before) assert.ok(after.includes(rule), rule);
    }),
  );
});
