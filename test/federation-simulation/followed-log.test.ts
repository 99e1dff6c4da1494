// Sites that follow the real log of an honest coordinator, with a crash at every write that has to do with it.
import assert from 'node:assert/strict';
import { playTests, test } from '../simulation/played-tests.ts';
import '../simulation/simulated-modules.ts';
import { crashesAt } from './crashes-at.ts';
import type { FederationPlan } from './federation-plan.ts';

const { survives } = await import('./endings.ts');
const { play } = await import('./schedule.ts');

const FOLLOWED: FederationPlan = { sites: 3, isLogFollowed: true };

function assertReached(reached: ReadonlySet<string>, places: readonly string[]): void {
  for (const place of places) assert.ok(reached.has(place), `never reached: ${place}`);
}

test('sites follow the log of a good job: each keeps what it saw, and has a receipt for every round', async () => {
  const { sites, coordinator, reached } = await play(FOLLOWED);
  for (const { kept, journal } of sites) {
    assert.equal(kept?.head?.size, BigInt(coordinator.log.records.length));
    assert.deepEqual(
      journal.log.promises().map(({ id, isSettled }) => [id.round, isSettled]),
      [0, 1, 2].map((round) => [round, true]),
    );
  }
  assertReached(reached, ['job finished', 'site receipt']);
});

test('it does so whichever write of the log a crash of the coordinator comes before or after', async () => {
  const { reached } = await survives(FOLLOWED, (reference) => [
    ...crashesAt(reference, /^coordinator: (log|cosignatures)/, { when: 'before' }),
    // After the others is before the next one.
    ...crashesAt(reference, /^coordinator: (log.replace checkpoint|cosignatures)/, { when: 'after' }),
  ]);
  assertReached(reached, [
    ...['create log.vkey', 'create records', 'create sequence', 'replace tile', 'replace checkpoint'].map(
      (write) => `crash before log.${write}`,
    ),
    'crash after log.replace checkpoint',
    ...['before', 'after'].map((when) => `crash ${when} cosignatures.replace`),
  ]);
});

test('a site keeps what it kept whichever write of its own a crash, or a power cut, comes before or after', async () => {
  const { reached } = await survives(FOLLOWED, (reference) => [
    ...crashesAt(reference, /^site-1: journal log/, { when: 'before' }),
    ...crashesAt(reference, /^site-1: journal log/, { when: 'after' }),
    ...crashesAt(reference, /^site-1: disk .*(receipts|record.json|tlog-proof)/, {
      when: 'after',
      power: true,
    }),
  ]);
  assertReached(
    reached,
    ['before', 'after'].flatMap((when) =>
      ['adopt', 'advance', 'recordPromise', 'settle'].map((name) => `crash ${when} journal log.${name}`),
    ),
  );
  assertReached(reached, ['crash after disk rename n.tlog-proof.partial n.tlog-proof']);
});

await playTests();
