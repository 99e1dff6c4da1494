// Sites that take their consent back. A withdrawal is in the log before the next attempt, which does not count its site.
import { roundMinimum, roundThreshold, type SiteId } from '@blindsum/proto';
import type { JobDocument } from './job-document.ts';
import type { RoundId } from './ports.ts';
import { createWithdrawalRecord } from './records.ts';
import { appendRecord, type World } from './world.ts';

/** Every site that has withdrawn, in roster order; all of their withdrawals are in the log when this returns. */
export async function logWithdrawals(world: World, document: JobDocument): Promise<SiteId[]> {
  const withdrawals = await world.jobs.withdrawals(document.manifest.job);
  const withdrawn: SiteId[] = [];
  for (const { site } of document.roster.members) {
    const message = withdrawals.get(site);
    if (!message) continue;
    await appendRecord(world, createWithdrawalRecord(document, site, message));
    withdrawn.push(site);
  }
  return withdrawn;
}

/**
 * Those who had withdrawn when the attempt `id` was made, or is made now. An attempt that a crash left behind keeps its sites: who
 * withdrew after it was made is logged before the next one.
 */
export async function withdrawnBefore(
  world: World,
  id: RoundId,
  document: JobDocument,
): Promise<readonly SiteId[]> {
  const made = await world.rounds.load(id);
  return made ? made.round.rules.withdrawn : logWithdrawals(world, document);
}

/** Sites that a job needs for a round: contributors of a set, and members who open it. */
export function leastSites({ manifest, roster }: JobDocument): number {
  const sites = roster.members.length;
  return Math.max(roundMinimum(manifest, sites), roundThreshold(manifest, sites));
}

/** Why a job cannot go on with so many sites; undefined if it can. */
export function describeShortage(sites: number, document: JobDocument): string | undefined {
  const least = leastSites(document);
  if (sites >= least) return undefined;
  return `TOO_FEW_CONTRIBUTORS: ${sites} sites remain after withdrawals and revocations, ${least} are needed`;
}
