// Who joins and who leaves while a job goes on: ceremonies of rosters, consents that come late, withdrawals. Sites are asked again
// until the coordinator has what they say, and never say two things.
import {
  parseRoster,
  rosterApprovalCodec,
  signMessage,
  type Member,
  type SignedMessage,
  type SiteId,
} from '@blindsum/proto';
import type { StoredRound } from '../../coordinator/src/ports.ts';
import type { StoredRoster } from '../../coordinator/src/roster-store.ts';
import { takesConsents } from '../../coordinator/src/job-status.ts';
import type { JobView } from '../../coordinator/src/job-watch.ts';
import { consentOf, withdrawalOf } from './model-site.ts';
import { verifyConsent } from './signed-messages.ts';
import { memberNamed, signerOf, type SimulatedWorld } from './simulated-world.ts';

/** When a round has come to a phase; 'joining' of round 0 is before the job begins. */
interface Moment {
  readonly round: number;
  readonly phase: string;
}

/** A roster that the operator proposes: somebody more, in front of all others, or without the last member. */
export interface Ceremony extends Moment {
  readonly change: 'joins' | 'leaves';
}

/** A site that takes its consent back. */
export interface Withdrawing extends Moment {
  readonly site: SiteId;
}

export interface MemberChanges {
  /** In this order. */
  readonly ceremonies?: readonly Ceremony[];
  readonly withdrawals?: readonly Withdrawing[];
}

/** What a site says that is not about a round. */
export interface MemberLetter {
  readonly kind: 'approval' | 'consent' | 'withdrawal';
  readonly site: SiteId;
  readonly message: SignedMessage;
}

export class ChangingMembers {
  readonly #world: SimulatedWorld;
  readonly #withdrawing: readonly Withdrawing[];
  #ceremonies: readonly Ceremony[];
  /** What the operator has begun to propose. */
  #wanted: readonly Member[] | undefined;
  /** What sites have signed: the same again is the same message. */
  readonly #consents = new Map<SiteId, SignedMessage>();
  readonly #withdrawals = new Map<SiteId, { readonly fromRound: number; readonly message: SignedMessage }>();
  /** The last round that each site has committed to. */
  readonly #committed = new Map<SiteId, number>();

  constructor(world: SimulatedWorld, { ceremonies = [], withdrawals = [] }: MemberChanges) {
    this.#world = world;
    this.#ceremonies = ceremonies;
    this.#withdrawing = withdrawals;
  }

  /** Proposes the rosters whose time has come, one after another; the same again as long as nobody knows whether it was taken. */
  async propose(): Promise<void> {
    const [due, ...later] = this.#ceremonies;
    if (due === undefined || !this.#isDue(due)) return;
    const { adopted, proposed } = await this.#world.rosterReader.read();
    if (proposed !== undefined && this.#wanted === undefined) return;
    const latest = adopted.at(-1)!.roster.members.map(({ site }) => site);
    const wanted = (this.#wanted ??= changed(latest, due, this.#world.everyone).map(memberNamed));
    const { rosters } = this.#world.drivers;
    const propose = () => rosters.propose('test.example', wanted, { replaces: false });
    if ((await this.#world.asks(propose)) !== 'accepted') return;
    this.#wanted = undefined;
    this.#ceremonies = later;
  }

  /** What `site` owes besides the round. */
  async owed(site: SiteId, view: JobView): Promise<MemberLetter[]> {
    const letters = [
      await this.#approval(site),
      await this.#consent(site, view),
      await this.#withdrawal(site),
    ];
    return letters.filter((letter) => letter !== undefined);
  }

  /** Whether a site that owes a commitment signs it: never for a round that it has withdrawn from. */
  signsFor(site: SiteId, round: number): boolean {
    const withdrawal = this.#withdrawals.get(site);
    if (withdrawal && round >= withdrawal.fromRound) return false;
    this.#committed.set(site, Math.max(round, this.#committed.get(site) ?? -1));
    return true;
  }

  async deliver({ kind, site, message }: MemberLetter): Promise<void> {
    const { job, drivers } = this.#world;
    const phase = (await this.#latestRound())?.round.phase ?? 'joining';
    const outcome = await this.#world.asks(async () => {
      if (kind === 'approval') await drivers.rosters.approve(site, message);
      else if (kind === 'withdrawal') await drivers.jobs.withdraw(job, site, message);
      else {
        verifyConsent(site, message);
        await drivers.jobs.consent(job, site, message);
      }
    });
    this.#world.reached.add(`${kind} ${outcome} while ${phase}`);
  }

  /** Notes where the rounds of a job have got to that has ended. */
  async notePlaces(): Promise<void> {
    const { job, rounds, sites, reached } = this.#world;
    const { adopted } = await this.#world.rosterReader.read();
    let version = 1;
    for (const { id, round } of await rounds.list(job)) {
      const { roster } = adopted.find(({ hash }) => hash === round.rules.rosterHash)!;
      if (id.round > 0 && roster.version > version) reached.add('a round went by a later roster');
      version = roster.version;
      const isMember = (site: SiteId) => roster.members.some((member) => member.site === site);
      if (!sites.every(isMember)) reached.add('a round without a member that had left');
      const newcomers = round.rules.sites.filter((site) => !sites.includes(site));
      if (newcomers.length > 0) reached.add('a newcomer takes part');
      if (round.phase === 'published' && newcomers.some((site) => round.set.members.includes(site)))
        reached.add('a newcomer contributed');
      if (round.rules.withdrawn.length > 0) reached.add('a round without a site that has withdrawn');
    }
    if (adopted.length > version) reached.add('a job kept its roster');
  }

  async #latestRound(): Promise<StoredRound | undefined> {
    return (await this.#world.rounds.list(this.#world.job)).at(-1);
  }

  #isDue({ round, phase }: Moment): boolean {
    return phase === 'joining' || this.#world.passed.has(`${round} ${phase}`);
  }

  async #approval(site: SiteId): Promise<MemberLetter | undefined> {
    const { proposed } = await this.#world.rosterReader.read();
    if (proposed === undefined || hasApproved(proposed, site)) return undefined;
    const roster = parseRoster(proposed.roster);
    const { federation, version, members } = roster;
    const isNew = members.some((member) => member.site === site);
    if (!isNew) return undefined;
    const approval = { federation, version, site, rosterHash: proposed.hash };
    return {
      kind: 'approval',
      site,
      message: signMessage(rosterApprovalCodec, approval, signerOf(site).sign, roster),
    };
  }

  async #consent(site: SiteId, { job, round }: JobView): Promise<MemberLetter | undefined> {
    const { jobs, drivers } = this.#world;
    if (!takesConsents(job.status) || (await jobs.consents(job.job)).has(site)) return undefined;
    let message = this.#consents.get(site);
    if (message === undefined) {
      await this.#world.asks(async () => {
        const { document } = await drivers.jobRosters.toConsent(job.job, round?.round.rules.rosterHash);
        const isMember = document.roster.members.some((member) => member.site === site);
        if (isMember) message = consentOf(site, document);
      });
    }
    if (message === undefined) return undefined;
    this.#consents.set(site, message);
    return { kind: 'consent', site, message };
  }

  async #withdrawal(site: SiteId): Promise<MemberLetter | undefined> {
    const { job, jobs } = this.#world;
    const isDue = this.#withdrawing.some((one) => one.site === site && this.#isDue(one));
    if (!isDue || (await jobs.withdrawals(job)).has(site)) return undefined;
    if (!(await jobs.consents(job)).has(site)) return undefined;
    const fromRound = this.#withdrawals.get(site)?.fromRound ?? (this.#committed.get(site) ?? -1) + 1;
    const message = withdrawalOf(site, await this.#world.document(), fromRound);
    this.#withdrawals.set(site, { fromRound, message });
    return { kind: 'withdrawal', site, message };
  }
}

function changed(members: readonly SiteId[], { change }: Ceremony, everyone: readonly SiteId[]): SiteId[] {
  // A roster has two members at least.
  if (change === 'leaves') return members.slice(0, Math.max(2, members.length - 1));
  const others = everyone.filter((site) => !members.includes(site));
  return [...others.slice(0, 1), ...members];
}

function hasApproved({ approvals, roster }: StoredRoster, site: SiteId): boolean {
  const members = parseRoster(roster);
  return approvals.some(({ payload }) => rosterApprovalCodec.parse(payload, members).site === site);
}
