// What a run has come to, from what its processes left on their disks.
import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { globalModelHash, parseGlobalModel, type Manifest } from '@blindsum/proto';
import { siteFolder, type Layout } from '../demonstration/configuration.ts';
import type { RoundCounts } from './chaos-outcome.ts';
import type { CoordinatorState, RoundRow } from './dead-state.ts';

/** Sorts the rounds 0 to R+1 of a job by what became of them. */
export function countRounds({ rounds, jobState }: CoordinatorState, training: number): RoundCounts {
  const isTraining = ({ round }: RoundRow) => round >= 1 && round <= training;
  const published = rounds.filter(({ phase }) => phase === 'published');
  const publishedRounds = new Set(published.map(({ round }) => round));
  const failedAttempts = rounds.filter(({ phase }) => phase === 'failed');
  const unsettled = rounds
    .filter(({ phase }) => phase !== 'published' && phase !== 'failed')
    .map(({ round, attempt, phase }) => `round ${round}, attempt ${attempt} is ${phase}`);
  const isOver = jobState === 'finished' ? publishedRounds.size === training + 2 : jobState === 'failed';
  return {
    training,
    published: new Set(published.filter(isTraining).map(({ round }) => round)).size,
    failed: failedAttempts.filter((row) => isTraining(row) && isLastAttempt(row, rounds)).map(describe),
    repeated: failedAttempts.filter((row) => !isLastAttempt(row, rounds)).map(describe),
    unsettled: isOver ? unsettled : [...unsettled, `the job is ${jobState}`],
  };
}

function isLastAttempt({ round, attempt }: RoundRow, rounds: readonly RoundRow[]): boolean {
  return rounds.every((other) => other.round !== round || other.attempt <= attempt);
}

function describe({ round, attempt, failure }: RoundRow): string {
  return `round ${round}, attempt ${attempt}: ${failure ?? 'no reason'}`;
}

/** Hash of the model that a site ended with; empty if it has none. */
export async function finalModelHash(
  layout: Layout,
  site: string,
  { job, manifest }: { readonly job: string; readonly manifest: Manifest },
): Promise<string> {
  const path = join(siteFolder(layout, site), 'models', job, 'final.bin');
  const bytes = await readFile(path).catch(() => undefined);
  return bytes === undefined ? '' : globalModelHash(parseGlobalModel(bytes, manifest));
}
