import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concat, parseUtf8, utf8, type Bytes } from './bytes.ts';
import type { Digest } from './identifiers.ts';
import { compareTrail, parseTrail, trailRoot, type HashedEntry } from './trail.ts';
import {
  encodeTrailEntry,
  parseTrailEntry,
  toTrailText,
  trailEntryHash,
  type TrailEntry,
} from './trail-entry.ts';

const ENTRY: TrailEntry = {
  sequence: 1,
  previous: '',
  salt: '00'.repeat(16),
  atMs: 1_790_000_000_000,
  actor: { kind: 'key', key: '0123456789abcdef', name: 'console', scope: 'operator' },
  from: '192.0.2.7',
  action: 'job.cancel',
  subject: 'breast-cancer',
  detail: 'too slow',
  outcome: 'begun',
  code: '',
  completes: 0,
};

/** Entries that follow upon each other, with these changes. */
function chain(changes: readonly Partial<TrailEntry>[]): Bytes[] {
  const lines: Bytes[] = [];
  for (const change of changes) {
    const last = lines.at(-1);
    const previous: Digest | '' = last ? trailEntryHash(last) : '';
    lines.push(encodeTrailEntry({ ...ENTRY, sequence: lines.length + 1, previous, ...change }));
  }
  return lines;
}

const toExport = (lines: readonly Bytes[]) => concat(...lines.flatMap((line) => [line, utf8('\n')]));
const GOOD = chain([{}, { outcome: 'done', completes: 1 }, { action: 'key.create' }, {}, {}]);
const TRAIL = parseTrail(toExport(GOOD));

const recordOf = (trail: readonly HashedEntry[], from: number, to: number) => ({
  from,
  to,
  count: to - from + 1,
  root: trailRoot(
    trail.filter(({ entry: { sequence: at } }) => at >= from && at <= to).map(({ hash }) => hash),
  ),
  previousRecord: '' as const,
});

test('an entry has one spelling, and every actor one of five forms', () => {
  const actors: TrailEntry['actor'][] = [
    ENTRY.actor,
    { kind: 'local', user: 'root' },
    { kind: 'local', user: 'root', claimed: true },
    { kind: 'person', issuer: 'https://id.example', subject: 'a|b', scope: 'read' },
    { kind: 'stranger' },
    { kind: 'coordinator' },
  ];
  for (const actor of actors) {
    const bytes = encodeTrailEntry({ ...ENTRY, actor });
    assert.deepEqual(parseTrailEntry(bytes), { ...ENTRY, actor });
  }
});

const text = parseUtf8(encodeTrailEntry(ENTRY), 'entry');
const BAD_ENTRIES: Record<string, string> = {
  'an unknown key': text.replace('{"action"', '{"a":1,"action"'),
  'a missing salt': text.replace(/"salt":"0*",/, ''),
  'a short salt': text.replace('"salt":"00', '"salt":"'),
  'sequence 0': text.replace('"sequence":1', '"sequence":0'),
  'a fraction of a millisecond': text.replace(/"atMs":\d+/, '"atMs":1.5'),
  'a line break': text.replace('too slow', 'too\\nslow'),
  'a terminal sequence': text.replace('too slow', 'too \\u001b[2J'),
  'half a surrogate pair': text.replace('too slow', 'too \\ud800'),
  'an action in capitals': text.replace('job.cancel', 'JOB.CANCEL'),
  'an unknown outcome': text.replace('begun', 'begin'),
  'an unknown scope': text.replace('"scope":"operator"', '"scope":"root"'),
  'an actor of two forms': text.replace('"kind":"key"', '"kind":"stranger"'),
  'a digest in capitals': text.replace('"previous":""', `"previous":"${'A'.repeat(64)}"`),
  'other key order': text.replace(/^\{"action":"job.cancel",(.*)\}$/, '{$1,"action":"job.cancel"}'),
  'a space': text.replace(':', ': '),
  'too much': text.replace('too slow', 'x'.repeat(5000)),
  nothing: '',
};
for (const [defect, bad] of Object.entries(BAD_ENTRIES))
  test(`an entry is refused: ${defect}`, () => {
    assert.notEqual(bad, text);
    assert.throws(() => parseTrailEntry(utf8(bad)), { code: 'MALFORMED' });
  });

test('any text can be made fit for an entry', () => {
  for (const given of ['a\nb', '\u001b[2J', '\ud800', 'x'.repeat(1000), '😀'.repeat(400), ''])
    encodeTrailEntry({ ...ENTRY, detail: toTrailText(given, 300) });
  assert.equal(toTrailText('a\nb', 300), 'a\u{FFFD}b');
});

test('two entries that say the same have different hashes when their salts differ', () => {
  const other = encodeTrailEntry({ ...ENTRY, salt: '01'.repeat(16) });
  assert.notEqual(trailEntryHash(other), trailEntryHash(encodeTrailEntry(ENTRY)));
});

test('a trail is parsed in its order, and an empty one too', () => {
  assert.deepEqual(
    TRAIL.map(({ entry }) => entry.sequence),
    [1, 2, 3, 4, 5],
  );
  assert.deepEqual(parseTrail(new Uint8Array()), []);
});

const BAD_CHAINS: Record<string, Bytes> = {
  'an entry left out': toExport(GOOD.filter((_, i) => i !== 2)),
  'the first left out': toExport(GOOD.slice(1)),
  'two exchanged': toExport([GOOD[0]!, GOOD[2]!, GOOD[1]!]),
  'one twice': toExport([GOOD[0]!, GOOD[0]!]),
  'one changed': toExport([encodeTrailEntry({ ...ENTRY, subject: 'another-job' }), ...GOOD.slice(1)]),
  'a jump that is no gap': toExport(chain([{}, { sequence: 5 }])),
  'an entry that completes a later one': toExport(chain([{ outcome: 'done', completes: 1 }])),
  'no last newline': toExport(GOOD).slice(0, -1),
  'an empty line': toExport([GOOD[0]!, new Uint8Array(), GOOD[1]!]),
};
for (const [defect, bad] of Object.entries(BAD_CHAINS))
  test(`a trail is refused: ${defect}`, () => {
    assert.throws(() => parseTrail(bad), { name: 'Refusal' });
  });

test('the log vouches for the entries under its roots, and for no others yet', () => {
  const records = [recordOf(TRAIL, 1, 2), recordOf(TRAIL, 3, 4)];
  assert.deepEqual(compareTrail(TRAIL, records), { covered: 4, uncovered: 1, missing: 0 });
  assert.deepEqual(compareTrail(TRAIL, []), { covered: 0, uncovered: 5, missing: 0 });
});

test('a trail that was written anew is another one than the log vouches for', () => {
  const anew = parseTrail(toExport(chain([{}, { subject: 'another-job' }, {}])));
  assert.throws(() => compareTrail(anew, [recordOf(TRAIL, 1, 3)]), { code: 'BAD_RECORD' });
});

test('a trail that ends before the log does is refused', () => {
  const records = [recordOf(TRAIL, 1, 2), recordOf(TRAIL, 3, 5)];
  assert.throws(() => compareTrail(TRAIL.slice(0, 3), records), { code: 'BAD_RECORD' });
  assert.throws(() => compareTrail([], records), { code: 'BAD_RECORD' });
});

test('entries that were lost with the state are missing, and said to be', () => {
  const records = [recordOf(TRAIL, 1, 2), recordOf(TRAIL, 3, 5)];
  const restored = parseTrail(
    toExport(
      chain([{}, { outcome: 'done', completes: 1 }, { action: 'trail.gap', sequence: 6 }, { sequence: 7 }]),
    ),
  );
  assert.deepEqual(compareTrail(restored, records), { covered: 2, uncovered: 2, missing: 3 });
});
