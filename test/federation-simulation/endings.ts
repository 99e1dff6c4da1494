// What is left of a job when it has ended: two runs are compared by it.
import assert from 'node:assert/strict';
import { Refusal } from '@blindsum/proto';
import { recordName } from '@blindsum/proto/tlog';
import { play } from './schedule.ts';
import type { FederationPlan } from './federation-plan.ts';
import type { SimulatedFederation } from './simulated-federation.ts';

/** Rounds with their sets, models, records, and how each site ended. */
export async function endingOf({ coordinator, sites }: SimulatedFederation) {
  const rounds = (await coordinator.rounds.list(coordinator.job)).map(({ id, round }) => ({
    place: `${id.round}-${id.attempt}`,
    phase: round.phase,
    members: 'set' in round ? round.set.members : [],
  }));
  return {
    status: (await coordinator.jobs.load(coordinator.job))?.status,
    rounds,
    records: coordinator.log.records.map((record) => recordName(record)),
    sites: sites.map(({ end }) => (end instanceof Refusal ? end.code : end)),
  };
}

type Ending = Awaited<ReturnType<typeof endingOf>>;
type Disturbances = (
  reference: SimulatedFederation,
) => Iterable<readonly [what: string, change: Partial<FederationPlan>]>;

/**
 * Plays the plan undisturbed, and then once with each of the disturbances in turn, which are made from that run: nothing may be
 * lost by it. `whatCounts` is what must be the same of two endings. Returns how many disturbed runs there were, and where they got.
 */
export async function survives(
  plan: FederationPlan,
  disturbances: Disturbances,
  whatCounts: (ending: Ending) => unknown = (ending) => ending,
): Promise<{ readonly reached: ReadonlySet<string>; readonly runs: number }> {
  const reference = await play(plan);
  const expected = whatCounts(await endingOf(reference));
  const reached = new Set<string>();
  let runs = 0;
  for (const [what, change] of disturbances(reference)) {
    const federation = await play({ ...plan, ...change }).catch((error: unknown) => {
      throw new Error(what, { cause: error });
    });
    assert.deepEqual(whatCounts(await endingOf(federation)), expected, what);
    federation.reached.forEach((place) => reached.add(place));
    runs++;
  }
  return { reached, runs };
}
