// Which roster the rounds of a job go by: the latest adopted one, as soon as the job fits it, and never an earlier one again.
import {
  consentCodec,
  Refusal,
  roundMinimum,
  roundThreshold,
  verifyManifestFits,
  type Digest,
  type JobId,
  type Manifest,
  type Roster,
  type SignedMessage,
  type SiteId,
} from '@blindsum/proto';
import type { JobDocument } from './job-document.ts';
import type { RosterDriver } from './roster-driver.ts';
import { latestRoster, type RosterChain } from './roster-reader.ts';
import type { World } from './world.ts';

/** The roster of a job's next round. */
export interface NextRoster {
  readonly document: JobDocument;
  /** Why it is not the latest adopted one; undefined if it is. */
  readonly waits: string | undefined;
}

/** Refuses a job whose rounds the coordinator has no room for under a roster of so many members. */
export type VerifyRoom = (manifest: Manifest, sites: number) => void;

type Consents = ReadonlyMap<SiteId, SignedMessage>;

export class JobRosters {
  readonly #world: Pick<World, 'reader'>;
  readonly #rosters: Pick<RosterDriver, 'chain'>;
  readonly #verifyRoom: VerifyRoom;

  constructor(
    world: Pick<World, 'reader'>,
    rosters: Pick<RosterDriver, 'chain'>,
    verifyRoom: VerifyRoom = () => {},
  ) {
    this.#world = world;
    this.#rosters = rosters;
    this.#verifyRoom = verifyRoom;
  }

  /**
   * The documents under the roster that sites consent to: the latest one that the job has room for, or the one with hash
   * `current`, by which it goes. All adopted rosters are in the log by then.
   */
  async toConsent(job: JobId, current?: Digest): Promise<NextRoster> {
    return this.toConsentIn(await this.#rosters.chain(), job, current);
  }

  /** The same by a chain that was just read: for many jobs at once. */
  async toConsentIn(chain: RosterChain, job: JobId, current?: Digest): Promise<NextRoster> {
    const { reader } = this.#world;
    const own = current ? await reader.at(job, current) : (await reader.open(job)).document;
    const latest = latestRoster(chain);
    if (latest === undefined || latest.hash === own.rosterHash) return { document: own, waits: undefined };
    const why = this.#misfit(own.manifest, own.roster, latest.roster);
    if (why !== undefined) return { document: own, waits: why };
    return { document: await reader.at(job, latest.hash), waits: undefined };
  }

  chain(): Promise<RosterChain> {
    return this.#rosters.chain();
  }

  /** The documents by which a job begins: under the latest roster that it has room for and enough members of which have consented. */
  async first(job: JobId, consents: Consents): Promise<JobDocument> {
    const { adopted } = await this.#rosters.chain();
    const { document: own } = await this.#world.reader.open(job);
    for (const { roster, hash } of adopted.toReversed()) {
      if (hash === own.rosterHash) break;
      if (this.#misfit(own.manifest, own.roster, roster) !== undefined) continue;
      const document = await this.#world.reader.at(job, hash);
      if ((await this.#tooFewConsents(document, consents)) === undefined) return document;
    }
    return own;
  }

  /** The same for the next round, which needs the consents of enough members, too. */
  async next(job: JobId, current: Digest, consents: Consents): Promise<NextRoster> {
    return this.nextIn(await this.#rosters.chain(), { job, current }, async () => consents);
  }

  /** The same by a chain that was just read, as `toConsentIn`; consents are read for a job that would go by another roster. */
  async nextIn(
    chain: RosterChain,
    { job, current }: { readonly job: JobId; readonly current: Digest },
    readConsents: () => Promise<Consents>,
  ): Promise<NextRoster> {
    const latest = await this.toConsentIn(chain, job, current);
    if (latest.document.rosterHash === current) return latest;
    const own = await this.#world.reader.at(job, current);
    const why = await this.#tooFewConsents(latest.document, await readConsents());
    return why === undefined ? latest : { document: own, waits: why };
  }

  /** Why a job cannot go by `next` after `own`, however many consent; undefined if it can. */
  #misfit(manifest: Manifest, own: Roster, next: Roster): string | undefined {
    if (manifest.roster === 'fixed') return 'the job keeps the roster that it began with';
    if (next.version < own.version) return 'it is older than the one the job goes by';
    try {
      verifyManifestFits(manifest, next);
      this.#verifyRoom(manifest, next.members.length);
      return undefined;
    } catch (error) {
      if (error instanceof Refusal) return error.detail;
      throw error;
    }
  }

  /** Members that have consented with the signing key that the roster says is theirs, in roster order. */
  async consented(document: JobDocument, consents: Consents): Promise<SiteId[]> {
    const { roster, manifest } = document;
    const consented: SiteId[] = [];
    for (const { site } of roster.members) {
      const consent = consents.get(site);
      if (consent === undefined) continue;
      const under = await this.#world.reader.at(manifest.job, consentedRoster(consent));
      if (isSameSigner(site, under.roster, roster)) consented.push(site);
    }
    return consented;
  }

  async #tooFewConsents(document: JobDocument, consents: Consents): Promise<string | undefined> {
    const { manifest, roster } = document;
    const sites = roster.members.length;
    const needed = Math.max(roundMinimum(manifest, sites), roundThreshold(manifest, sites));
    const there = (await this.consented(document, consents)).length;
    return there >= needed ? undefined : `${there} of its members have consented, ${needed} are needed`;
  }
}

/** What a consent says about the roster. */
export function consentedRoster(consent: SignedMessage): Digest {
  return consentCodec.read(consent.payload).rosterHash;
}

/** Whoever signs with another key has consented to nothing yet. */
export function isSameSigner(site: SiteId, before: Roster, after: Roster): boolean {
  const [a, b] = [before, after].map(({ members }) => members.find((member) => member.site === site));
  return a !== undefined && a.signingKey === b?.signingKey;
}
