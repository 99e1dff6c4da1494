import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authorFingerprint, type SiteId } from '@blindsum/proto';
import { createTestFederation, createTestManifest, TEST_JOB } from '../../test/fixtures/federation.ts';
import { explainJob, explainVerdicts } from './explain-job.ts';

const { roster } = createTestFederation(['hospital-a', 'hospital-b', 'hospital-c']);
const explain = (changes: Record<string, unknown> = {}): string =>
  explainJob({
    manifest: createTestManifest(roster, changes),
    roster,
    site: 'hospital-b' as SiteId,
  }).join('\n');

test('every column that is read is named, with what is predicted', () => {
  const { data } = createTestManifest(roster);
  const text = explain();
  for (const { column, type } of data.features) assert.ok(text.includes(`${column} (${type})`), text);
  const { column, positive, negative } = data.label;
  assert.ok(text.includes(`learns to predict ${column}: ${positive} or ${negative}.`), text);
});

test('the author is named by the fingerprint that policies list, and the job by its own words', () => {
  const { author, federation } = createTestManifest(roster);
  const text = explain({ description: 'Sepsis within a day.' });
  assert.ok(text.includes(`Author: ${author.name}, key ${authorFingerprint(author)};`), text);
  assert.ok(text.startsWith(`Job ${TEST_JOB.job} of ${federation}: Sepsis within a day.\n`), text);
});

test('how often the rows are used counts statistics and evaluation', () => {
  const text = explain({ rounds: 7, training: { ...TEST_JOB.training, epochs: 3 } });
  assert.match(text, /rows are used 9 times/);
  assert.match(text, /7 times to train \(3 passes each\)/);
});

test('what an update counts follows the weighting of the job', () => {
  const weighting = (value: string) => explain({ strategy: { ...TEST_JOB.strategy, weighting: value } });
  assert.match(weighting('examples'), /counts by how many rows it has, at most 1000 rows/);
  assert.match(weighting('uniform'), /counts the same, at most 1000 rows/);
});

test('the size of what leaves grows with the model', () => {
  const kib = (hidden: number[]) =>
    Number(/about (\d+) KiB/.exec(explain({ model: { ...TEST_JOB.model, hidden } }))![1]);
  // Two chunks of 32 KiB and three shares at least.
  assert.ok(kib([2]) >= 64, `${kib([2])}`);
  assert.ok(kib([4000]) > kib([2]));
});

test('the others are named, and this site is not among them', () => {
  assert.match(explain(), /With you: hospital-a, hospital-c\./);
});

test('who opens what, and whether a site that missed a round comes back', () => {
  const text = explain();
  const { threshold } = createTestManifest(roster);
  assert.match(text, new RegExp(`sums over 3 or more sites are opened, by ${threshold} of the 3 members`));
  assert.match(text, /misses a round may contribute to later ones/);
  assert.match(explain({ lateSites: 'refused' }), /misses a round contributes to no later one/);
});

test('whether the members may change is said', () => {
  assert.match(explain({ contributors: { capacity: 5 } }), /Members may change between rounds, up to 5:/);
  assert.match(explain({ roster: 'fixed' }), /The members stay the same/);
});

test('what forbids comes first, each rule with its reason', () => {
  const lines = explainVerdicts([
    { rule: 'jobs', isAllowed: true, says: 'it is listed' },
    { rule: 'columns', isAllowed: false, says: 'the job reads x' },
    { rule: 'authors', isAllowed: true, says: 'so is the author' },
  ]);
  assert.deepEqual(lines, [
    '  FORBIDS columns: the job reads x',
    '  allows  jobs: it is listed',
    '  allows  authors: so is the author',
  ]);
});
