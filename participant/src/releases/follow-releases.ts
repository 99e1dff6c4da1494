// While the agent runs: what is left to do about votes that people at this site gave.
import { Refusal } from '@blindsum/proto';
import type { Clock } from '../ports.ts';
import type { Report } from '../session-progress.ts';
import { heldModels } from './held-models.ts';
import { carryOutVote, type Bringing } from './model-vote.ts';

const POLL_MS = 10_000;

export interface FollowingReleases extends Bringing {
  readonly stateDirectory: string;
  readonly clock: Clock;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** Runs until the signal aborts. What is refused is reported once, and tried again. Rejects with any other error. */
export async function followReleases(following: FollowingReleases): Promise<void> {
  const { journal, clock, signal, stateDirectory } = following;
  const told = new Set<string>();
  while (!signal.aborted) {
    for (const { job, round } of journal.openModelVotes()) {
      const model = heldModels(stateDirectory, journal, job).find((held) => held.round === round);
      if (model) await carryOutOnce(following, model, told);
    }
    await clock.sleep(POLL_MS);
  }
}

async function carryOutOnce(
  following: FollowingReleases,
  model: Parameters<typeof carryOutVote>[1],
  told: Set<string>,
): Promise<void> {
  try {
    const state = await carryOutVote(following, model);
    const { job, round, attempt, modelHash } = model;
    if (state === 'available') following.report({ event: 'released', job, round, attempt, modelHash });
  } catch (error) {
    if (following.signal.aborted) return;
    if (!(error instanceof Refusal)) throw error;
    const { code, detail } = error;
    const text = `${code} ${detail}`;
    const { job } = model;
    if (!told.has(text)) following.report({ event: 'waiting', job, code, detail, retryMs: POLL_MS });
    told.add(text);
  }
}
