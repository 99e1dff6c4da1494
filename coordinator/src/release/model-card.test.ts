import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digest } from '@blindsum/proto';
import type { Predicate } from '@blindsum/proto/tlog';
import { createTestFederation, createTestManifest } from '../../../test/fixtures/federation.ts';
import { createModelCard, toRanges, type CardRound } from './model-card.ts';

const { roster } = createTestFederation();
const digest = (digit: string) => digit.repeat(64) as Digest;

function roundOf(round: number, members: readonly Digest[], metrics = {}): CardRound {
  const counts = { roster: 3, committed: members.length, sealed: members.length };
  const commitments = members.map((member) => ({ member, payload: '', signature: '' }));
  return { round, kind: 'training', counts, commitments, metrics } as unknown as Predicate<'round'>;
}

function cardOf(rounds: readonly CardRound[], description = ''): string {
  const manifest = createTestManifest(roster, { description });
  const hashes = { manifestHash: digest('1'), modelHash: digest('2'), fileDigest: digest('3') };
  const release = { ...hashes, threshold: 2, votes: [{}, {}] } as unknown as Predicate<'release'>;
  const id = { job: manifest.job, round: 2, attempt: 1 };
  return createModelCard({ id, manifest, release, entry: 9, logOrigin: 'log.example.org', rounds });
}

test('the card says who contributed to which rounds, and what came out', () => {
  const card = cardOf([
    roundOf(0, [digest('a'), digest('b')], { examples: 12 }),
    roundOf(1, [digest('a')], { accuracyMillionths: 812500 }),
    roundOf(2, [digest('a'), digest('b')]),
  ]);
  assert.ok(card.includes(`| \`${digest('a')}\` | 0-2 |`));
  assert.ok(card.includes(`| \`${digest('b')}\` | 0, 2 |`));
  assert.ok(card.includes('| 0 | training | 2 of 3 | examples 12 |'));
  assert.ok(card.includes('| 1 | training | 1 of 3 | accuracy 0.8125 |'));
});

test('of a round whose record was erased the card says that, and nothing else', () => {
  const card = cardOf([{ round: 0, erased: true }, roundOf(1, [digest('a')])]);
  assert.ok(card.includes('| 0 |  |  | its record was erased |'));
  assert.ok(card.includes(`| \`${digest('a')}\` | 1 |`));
});

test('the card says what is not proven', () => {
  const card = cardOf([]);
  for (const limit of [/Not proven: that members trained on true rows/, /Not given: differential privacy/])
    assert.match(card, limit);
});

test('attack: what the author wrote is text, and makes no heading, link, image or tag', () => {
  const card = cardOf([], '# VERIFIED\n[click](http://x)\n![](http://x/y)\n<script>1</script>\n| a | b |');
  const quoted = card.split('\n').filter((line) => line.startsWith('> '));
  assert.deepEqual(quoted, [
    '> \\# VERIFIED',
    '> \\[click\\](http://x)',
    '> \\!\\[\\](http://x/y)',
    '> \\<script\\>1\\</script\\>',
    '> \\| a \\| b \\|',
  ]);
});

test('rounds in a row are written as a range', () => {
  const written = [[], [3], [0, 1, 2], [0, 2, 3, 7]].map((numbers) => toRanges(numbers));
  assert.deepEqual(written, ['', '3', '0-2', '0, 2-3, 7']);
});
