// Follows the log while the agent runs, with or without jobs: keeps its latest checkpoint, cosigns it, and collects receipts.
import { Refusal } from '@blindsum/proto';
import type { LogJournal } from '../journal/log-journal.ts';
import { PASSING } from '../passing.ts';
import type { Clock } from '../ports.ts';
import type { Report } from '../session-progress.ts';
import type { CommitReceipts } from './commit-receipts.ts';
import { CONTRADICTIONS } from './log-evidence.ts';
import type { LogKeeper } from './log-keeper.ts';
import type { LogWitness } from './log-witness.ts';

const POLL_MS = 5_000;
/** Between looks while the log is not believed. */
const ALARMED_MS = 60_000;

export interface LogFollowing {
  readonly keeper: Pick<LogKeeper, 'follow' | 'showKept'>;
  readonly witness: Pick<LogWitness, 'cosign'>;
  readonly receipts: Pick<CommitReceipts, 'collect'>;
  readonly journal: Pick<LogJournal, 'alarm'>;
  readonly clock: Clock;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/**
 * Runs until the signal aborts. A coordinator that is away is asked again. What it may not show is reported once; a log that shrank or
 * forked is shown what this site keeps, and followed no more until a person has looked. Rejects with any other error.
 */
export async function followLog(following: LogFollowing): Promise<void> {
  const { clock, signal, journal } = following;
  const told = new Set<string>();
  while (!signal.aborted) {
    for (const act of [follow, collect]) await attempt(following, act, told);
    await clock.sleep(journal.alarm() ? ALARMED_MS : POLL_MS);
  }
}

async function follow({ keeper, witness }: LogFollowing): Promise<void> {
  await witness.cosign(await keeper.follow());
}

function collect({ receipts }: LogFollowing): Promise<void> {
  return receipts.collect();
}

async function attempt(
  following: LogFollowing,
  act: (following: LogFollowing) => Promise<void>,
  told: Set<string>,
): Promise<void> {
  const { keeper, report, signal } = following;
  try {
    await act(following);
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof Refusal)) throw error;
    const { code, detail } = error;
    if (!PASSING.has(code) && !told.has(error.message)) report({ event: 'log-refused', code, detail });
    if (!PASSING.has(code)) told.add(error.message);
    if (CONTRADICTIONS.has(code)) await keeper.showKept().catch(ignoreRefusal);
  }
}

/** It is shown again. */
function ignoreRefusal(error: unknown): void {
  if (!(error instanceof Refusal)) throw error;
}
