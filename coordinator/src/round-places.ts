// Who takes part in the next attempt of a job's round, and under which roster: what changes between two rounds.
import type { SignedMessage, SiteId } from '@blindsum/proto';
import type { JobDocument } from './job-document.ts';
import { consentedRoster, isSameSigner, type JobRosters } from './job-rosters.ts';
import type { RoundId } from './ports.ts';
import { createConsentRecord } from './records.ts';
import { revokedBefore } from './revocations.ts';
import type { Failed, Published } from './round/round.ts';
import { describeShortage, withdrawnBefore } from './withdrawals.ts';
import { appendRecord, loadRound, type World } from './world.ts';

export interface Places {
  readonly document: JobDocument;
  /** In the order of the roster before, those that are new last. */
  readonly counted: readonly SiteId[];
  readonly withdrawn: readonly SiteId[];
  readonly revoked: ReadonlySet<SiteId>;
}

export class RoundPlaces {
  readonly #world: World;
  readonly #rosters: JobRosters;

  constructor(world: World, rosters: JobRosters) {
    this.#world = world;
    this.#rosters = rosters;
  }

  /** The roster of the next attempt, and who takes part: both change between two rounds only. */
  async of(id: RoundId, { rules }: Published | Failed, before: JobDocument): Promise<Places> {
    const { job, attempt } = id;
    const { jobs } = this.#world;
    const [consents, withdrawals] = await Promise.all([jobs.consents(job), jobs.withdrawals(job)]);
    const revoked = await revokedBefore(this.#world, id);
    const isThere = (site: SiteId): boolean => !withdrawals.has(site) && !revoked.has(site);
    const standing = new Map([...consents].filter(([site]) => isThere(site)));
    const document =
      attempt > 1 ? before : (await this.#rosters.next(job, rules.rosterHash, standing)).document;
    const withdrawn = await withdrawnBefore(this.#world, id, document);
    const kept = rules.sites.filter(
      (site) =>
        isSameSigner(site, before.roster, document.roster) && !withdrawn.includes(site) && !revoked.has(site),
    );
    if (attempt > 1) return { document, withdrawn, revoked, counted: kept };
    const late = await this.#lateSites(document, standing, [...kept, ...withdrawn]);
    return { document, withdrawn, revoked, counted: [...kept, ...late] };
  }

  /** Members that have consented since: each of these consents is in the log before a round counts its site. */
  async #lateSites(
    document: JobDocument,
    consents: ReadonlyMap<SiteId, SignedMessage>,
    counted: readonly SiteId[],
  ): Promise<SiteId[]> {
    const late: SiteId[] = [];
    const { round: first } = await loadRound(this.#world, {
      job: document.manifest.job,
      round: 0,
      attempt: 1,
    });
    for (const site of await this.#rosters.consented(document, consents)) {
      if (counted.includes(site)) continue;
      const consent = consents.get(site) as SignedMessage;
      const under = await this.#world.reader.at(document.manifest.job, consentedRoster(consent));
      // Who was there from the start and comes back, has its consent in the log with the manifest.
      if (!first.rules.sites.includes(site))
        await appendRecord(this.#world, createConsentRecord(under, site, consent));
      late.push(site);
    }
    return late;
  }

  /** Why an attempt cannot begin with these sites; undefined if it can, or has begun before a crash. */
  async shortage(id: RoundId, sites: readonly SiteId[], document: JobDocument): Promise<string | undefined> {
    const shortage = describeShortage(sites.length, document);
    return shortage !== undefined && (await this.#world.rounds.load(id)) ? undefined : shortage;
  }
}
