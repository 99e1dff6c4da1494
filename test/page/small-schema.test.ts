// The page's own reader of schemas accepts and gives what zod does, for every format of the log and every small change of it.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import {
  createManifest,
  encodeManifest,
  parseBase64,
  parseJobFile,
  placeholderRoster,
  utf8,
  type Bytes,
} from '@blindsum/proto';
import { encodeRecord, type LogRecord } from '@blindsum/proto/tlog';
import {
  lateConsent,
  sampleRecords,
  incidents,
  SITES,
  withdrawal,
} from '../../auditor/src/sample-log.fixture.ts';
import { amendment, BY_BOTH, ruledCharter } from '../../auditor/src/ruled-log.fixture.ts';
import { buildScript } from '../../page/build/build-page.ts';
import { PARSERS, readPredicate } from '../../page/build/parsers.fixture.ts';
import type * as Fixture from '../../page/build/parsers.fixture.ts';
import { RELEASE, round, ROUND, roundBundle } from './sample-files.ts';

const folder = await mkdtemp(join(tmpdir(), 'bs-page-'));
after(() => rm(folder, { recursive: true }));
const file = join(folder, 'parsers.mjs');
const entry = new URL('../../page/build/parsers.fixture.ts', import.meta.url);
await writeFile(file, await buildScript(entry, 'esm'));
const built = (await import(pathToFileURL(file).href)) as typeof Fixture;

const DIGEST = 'ab'.repeat(32);
const member = { member: DIGEST, certificate: DIGEST, notAfter: 1 };
const records = [
  ...sampleRecords(1),
  ruledCharter(BY_BOTH),
  amendment(1, ruledCharter(), BY_BOTH),
  RELEASE,
  ROUND,
  ...incidents(1, 1),
  lateConsent(SITES[0]!),
  withdrawal(SITES[0]!, 1),
  { kind: 'certificate', predicate: { event: 'issued', ...member } },
  { kind: 'certificate', predicate: { event: 'revoked', ...member, reason: 'superseded' } },
  { kind: 'administration', predicate: { from: 2, to: 3, count: 2, root: DIGEST, previousRecord: '' } },
  { kind: 'redaction', predicate: { record: DIGEST, kind: 'round', job: '', name: DIGEST, reason: 'x' } },
  { kind: 'anchor', predicate: { size: 1, root: DIGEST, token: DIGEST } },
] as LogRecord[];

const OTHERS: readonly unknown[] = [
  ...['', 'x', 'A', 'AAAA', DIGEST, DIGEST.toUpperCase(), 'a'.repeat(201)],
  ...[0, 1, -1, 1.5, 2 ** 53, 1e6 + 1, NaN, true, false, null, undefined, [], {}, ['x'], { x: 1 }],
];
/** Long lists have the same schema for each item. */
const MOST_ITEMS = 2;

/** The value with one change anywhere: another value, a member less or more. */
function* changes(value: unknown): Generator {
  yield* OTHERS;
  if (Array.isArray(value)) {
    const items = value as unknown[];
    yield* [items.slice(1), [...items, items[0]], [...items, null], Array(129).fill(items[0])];
    for (const [i, item] of items.slice(0, MOST_ITEMS).entries())
      for (const change of changes(item)) yield items.with(i, change);
  } else if (typeof value === 'object' && value !== null) {
    yield { ...value, extra: 1 };
    for (const [name, item] of Object.entries(value)) {
      yield Object.fromEntries(Object.entries(value).filter(([other]) => other !== name));
      for (const change of changes(item)) yield { ...value, [name]: change };
    }
  } else if (typeof value === 'string') yield* [`${value}x`, value.slice(1), value.slice(0, -1), ` ${value}`];
}

test('predicates of every kind are accepted and refused as by zod', (t) => {
  let [accepted, refused] = [0, 0];
  for (const { kind, predicate } of records) {
    assert.ok(built.readPredicate(kind, predicate) !== undefined, kind);
    for (const change of changes(predicate)) {
      const expected = readPredicate(kind, change);
      assert.deepEqual(built.readPredicate(kind, change), expected, `${kind}: ${JSON.stringify(change)}`);
      if (expected === undefined) refused++;
      else accepted++;
    }
  }
  t.diagnostic(`${accepted} changes accepted by both, ${refused} refused by both`);
  assert.ok(accepted > 300 && refused > 5_000);
  assert.deepEqual([...new Set(records.map(({ kind }) => kind))].length, 14);
});

/** Every setting is there, so that a change of each is tried. */
const JOB = {
  job: 'a-job',
  description: 'x',
  data: {
    features: [
      { column: 'age', type: 'number', min: 0, max: 120.5 },
      { column: 'sex', type: 'category', values: ['a', 'b'] },
    ],
    label: { column: 'ill', positive: '1', negative: '0' },
  },
  model: { kind: 'mlp', hidden: [2], activation: 'relu', seed: 'x', parameters: 11 },
  training: { epochs: 1, batchSize: 8, optimizer: { kind: 'sgd', learningRate: 0.1 }, seed: 1 },
  strategy: { kind: 'fedavg', weighting: 'examples', maxExamples: 100, clipNorm: '1' },
  encoding: { bits: 16, initialRangeExponent: -2 },
  rounds: 1,
  contributors: { minimum: 3, allowTwoSites: false, tolerated: 0, capacity: 4 },
  roster: 'follow',
  lateSites: 'refused',
  threshold: 2,
  waits: { joinSeconds: 1, collectSeconds: 2 },
  attempts: 3,
  evaluationBins: 8,
};
const MANIFEST = createManifest(parseJobFile(JOB), placeholderRoster(3, 'federation.example'), {
  name: 'Ada',
  key: DIGEST,
});

const attestation = ROUND.kind === 'round' ? ROUND.predicate.attestations[0]!.payload : '';
const vote = RELEASE.kind === 'release' ? RELEASE.predicate.votes[0]!.payload : '';
const DOCUMENTS: Record<keyof typeof PARSERS, Bytes> = {
  bundle: roundBundle.bytes,
  envelope: round.record,
  entry: round.bundle.entry.leaf,
  record: encodeRecord(ROUND),
  manifest: encodeManifest(MANIFEST),
  'job file': utf8(JSON.stringify(JOB)),
  attestation: parseBase64(attestation, 'attestation'),
  'model release': parseBase64(vote, 'vote'),
};

function resultOf(parse: (bytes: Bytes) => unknown, bytes: Bytes) {
  try {
    return { value: parse(bytes) };
  } catch (error) {
    assert.equal((error as Error).name, 'Refusal');
    return { code: (error as { code: string }).code };
  }
}

test('bundles, envelopes, entries, records and messages are parsed and refused as over zod', (t) => {
  let refused = 0;
  for (const [name, bytes] of Object.entries(DOCUMENTS) as [keyof typeof PARSERS, Bytes][]) {
    assert.ok('value' in resultOf(built.PARSERS[name], bytes), name);
    for (const change of changes(JSON.parse(Buffer.from(bytes).toString()))) {
      const changed = utf8(JSON.stringify(change) ?? '');
      const expected = resultOf(PARSERS[name], changed);
      assert.deepEqual(
        resultOf(built.PARSERS[name], changed),
        expected,
        `${name}: ${JSON.stringify(change)}`,
      );
      if ('code' in expected) refused++;
    }
  }
  t.diagnostic(`${refused} documents refused by both`);
  assert.ok(refused > 1_000);
});
