// The table: every phase and every kind of event, or it does not compile. What a cell says is the phase afterwards, or the
// refusal; `same` means that nothing at all changes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal, type RefusalCode, type SiteId } from '@blindsum/proto';
import type { Round, RoundEvent } from './round.ts';
import * as sample from './sample-rounds.fixture.ts';
import { transition } from './transition.ts';

const { A, B, D, E } = sample;
const W = 'WRONG_PHASE';

type Cell = Round['phase'] | 'same' | RefusalCode;
type Row = Record<RoundEvent['kind'], Cell>;

const ROUNDS = {
  collecting: sample.COLLECTING,
  sealed: sample.SEALED,
  summed: sample.SUMMED,
  opening: sample.OPENING,
  'opening, complete': sample.COMPLETE,
  published: sample.PUBLISHED,
  failed: sample.FAILED,
} satisfies Record<Round['phase'] | 'opening, complete', Round>;

// Each event is one that the phase has not seen: `deadline` is the round's own, or, where there is none, `collecting`.
const TABLE: Record<keyof typeof ROUNDS, Row> = {
  collecting: {
    commit: 'collecting',
    acknowledge: W,
    complain: W,
    summed: 'same',
    checksum: W,
    open: W,
    attest: W,
    deadline: 'failed',
    cancel: 'failed',
  },
  sealed: {
    commit: W,
    acknowledge: 'sealed',
    complain: 'failed',
    summed: 'sealed',
    checksum: W,
    open: W,
    attest: W,
    deadline: 'failed',
    cancel: 'failed',
  },
  summed: {
    commit: W,
    acknowledge: W,
    complain: W,
    summed: 'same',
    checksum: 'summed',
    open: W,
    attest: W,
    deadline: 'summed',
    cancel: 'failed',
  },
  opening: {
    commit: W,
    acknowledge: W,
    complain: W,
    summed: 'same',
    checksum: W,
    open: 'opening',
    attest: W,
    deadline: 'failed',
    cancel: 'failed',
  },
  'opening, complete': {
    commit: W,
    acknowledge: W,
    complain: W,
    summed: 'same',
    checksum: W,
    open: 'opening',
    attest: 'opening',
    deadline: 'opening',
    cancel: 'failed',
  },
  published: {
    commit: W,
    acknowledge: W,
    complain: W,
    summed: 'same',
    checksum: W,
    open: W,
    attest: 'same',
    deadline: 'same',
    cancel: 'same',
  },
  failed: {
    commit: W,
    acknowledge: W,
    complain: W,
    summed: 'same',
    checksum: W,
    open: W,
    attest: W,
    deadline: 'same',
    cancel: 'same',
  },
};

const EVENTS: Record<RoundEvent['kind'], (round: Round) => RoundEvent> = {
  commit: () => sample.commit(E),
  acknowledge: () => sample.acknowledge(E),
  complain: () => sample.complain(D, [A]),
  summed: () => sample.summed(),
  checksum: () => sample.checksum(B),
  open: () => sample.open(E),
  attest: () => sample.attest(E),
  deadline: (round) => sample.deadline('deadline' in round ? round.deadline.ends : 'collecting'),
  cancel: () => ({ kind: 'cancel', reason: 'not needed' }),
};

for (const [name, row] of Object.entries(TABLE)) {
  const round: Round = ROUNDS[name as keyof typeof ROUNDS];
  for (const [kind, cell] of Object.entries(row)) {
    test(`${name}: ${kind} gives ${cell}`, () => {
      const event = EVENTS[kind as RoundEvent['kind']](round);
      assert.equal(outcome(round, event, DUE), cell);
    });
  }
}

test('no event of a site that did not consent is taken, not even under a name that objects inherit', () => {
  for (const site of ['z' as SiteId, sample.STRANGER]) {
    const events = [
      sample.commit(site),
      sample.acknowledge(site),
      sample.complain(site, [A]),
      sample.checksum(A, sample.valuesOf(A), site),
      sample.open(site),
      sample.attest(site),
    ];
    for (const round of Object.values(ROUNDS))
      for (const event of events) assert.equal(outcome(round, event, 0), 'NOT_A_MEMBER');
  }
});

test('a site may be named like a property that every object inherits', () => {
  const sites = [sample.STRANGER, A, B, D];
  const rules = { ...sample.RULES, sites };
  assert.equal(
    sample.play(
      sites.map((site) => sample.commit(site)),
      rules,
    ).phase,
    'sealed',
  );
});

test('a timer that fires early, twice or for another phase changes nothing', () => {
  const names = [
    'collecting',
    'acknowledgements',
    'checksums',
    'proxies',
    'openings',
    'attestations',
  ] as const;
  for (const round of Object.values(ROUNDS)) {
    if (!('deadline' in round)) continue;
    const { ends, atMs } = round.deadline;
    assert.equal(outcome(round, sample.deadline(ends), atMs - 1), 'same');
    for (const other of names.filter((name) => name !== ends))
      assert.equal(outcome(round, sample.deadline(other), DUE), 'same');
  }
});

const DUE = 1_000_000;

/** The phase afterwards, `same`, or the code of the refusal. */
function outcome(round: Round, event: RoundEvent, nowMs: number): Cell {
  const before = JSON.stringify(round);
  try {
    const next = transition(round, event, nowMs);
    return next.round === round && next.effects.length === 0 ? 'same' : next.round.phase;
  } catch (error) {
    assert(error instanceof Refusal, String(error));
    return error.code;
  } finally {
    assert.equal(JSON.stringify(round), before, 'the state that came in was changed');
  }
}
