// What may have become of the sites once a job has ended.
import assert from 'node:assert/strict';
import { Refusal, type RefusalCode, type SiteId } from '@blindsum/proto';
import type { JobStatus } from '../../coordinator/src/ports.ts';
import type { SimulatedFederation } from './simulated-federation.ts';
import type { SimulatedSite } from './simulated-site.ts';

/** What becomes of a site that gets a sum wrong: its numbers make no sense, or the others have, or go on from, another model. */
const MISREADER_ENDS: ReadonlySet<RefusalCode> = new Set([
  'MALFORMED',
  'MODEL_DISAGREEMENT',
  'MODEL_MISMATCH',
]);

/** Whoever is in no roster of the last round, as newcomers before they join, goes on asking for ever. */
export async function areAllOver(federation: SimulatedFederation): Promise<boolean> {
  const open = federation.sites.filter((site) => site.end === undefined && !site.isAway);
  if (open.length === 0) return true;
  const last = await lastSites(federation);
  return open.every((site) => federation.hasCeremonies && !last.includes(site.identity.site));
}

/** Whoever follows the log gets a receipt for everything that it has sent, as long as nobody is gone who might cosign. */
export function areReceiptsThere({ sites }: SimulatedFederation): boolean {
  return sites.some(({ isUp }) => !isUp) || sites.every(({ kept }) => kept?.isSettled !== false);
}

async function lastSites({ coordinator }: SimulatedFederation): Promise<readonly SiteId[]> {
  return (await coordinator.rounds.list(coordinator.job)).at(-1)?.round.rules.sites ?? [];
}

/** Every site has come to an end that its job explains, but those that are away. */
export async function checkSiteEnds(federation: SimulatedFederation): Promise<void> {
  const status = (await federation.status())!;
  for (const site of federation.sites) {
    const { end, isAway } = site;
    if (end instanceof Refusal) await checkRefusal(federation, site, end);
    else if (end === undefined) assert.ok(isAway || (await areAllOver(federation)));
    else if (end.kind === 'withdrawn') assert.ok(site.journal.withdrawal(federation.coordinator.job));
    else assert.equal(end.kind, status.state === 'finished' ? 'finished' : 'stopped');
    if (end && 'modelHash' in end) await checkModel(federation, site, { held: end.modelHash, status });
  }
}

/**
 * Nobody has to give up a job but a site that gets its sums wrong, one that comes when the job is over, and one that goes by a later
 * roster than the job has room for.
 */
async function checkRefusal(
  { plan, coordinator, reached, hasCeremonies }: SimulatedFederation,
  { identity: { site, index } }: SimulatedSite,
  refusal: Refusal,
): Promise<void> {
  const isMisreader = plan.mischief?.some((one) => one.site === index && one.what === 'misreads the sum');
  const hasConsented = (await coordinator.jobs.consents(coordinator.job)).has(site);
  const isOutdated = refusal.code === 'BAD_ROSTER' && hasCeremonies && !hasConsented;
  const isTooLate = refusal.code === 'WRONG_PHASE' && !hasConsented;
  assert.ok(
    isTooLate || isOutdated || (isMisreader && MISREADER_ENDS.has(refusal.code)),
    `${site} gave up: ${refusal.message}`,
  );
  reached.add(isTooLate ? 'site too late' : `site refused: ${refusal.code}`);
}

/** 6: who finishes has the model of the job, or knows that it has not. */
async function checkModel(
  { plan, coordinator, reached }: SimulatedFederation,
  { identity: { site } }: SimulatedSite,
  { held, status }: { readonly held: string | undefined; readonly status: JobStatus },
): Promise<void> {
  if (held !== undefined)
    return assert.equal(
      held,
      status.state === 'finished' && status.modelHash,
      'invariant 6: a site holds another model',
    );
  // Whoever was asked to seal it may never come back, and who consents in the last round has no part in the job.
  const hasLeft =
    plan.absences?.some(({ returns }) => !returns) === true ||
    (plan.withdrawals ?? []).length + (plan.ceremonies ?? []).length > 0;
  const last = (await coordinator.rounds.list(coordinator.job)).at(-1);
  assert.ok(hasLeft || !last?.round.rules.sites.includes(site), 'a site finished without the last model');
  reached.add('site finished without the last model');
}
