// Who joins and who leaves a simulated federation while its job goes on: rosters that its operator proposes, and consents that the
// owners of sites take back.
import type { Member, SiteId } from '@blindsum/proto';
import type { Drivers } from '../../coordinator/src/drivers.ts';
import type { StoredRound } from '../../coordinator/src/ports.ts';
import type { SimulatedCoordinator } from './simulated-coordinator.ts';
import type { SimulatedSite } from './simulated-site.ts';

/** A roster that is proposed when a round comes to a phase: with a newcomer in front of all others, or without the last member. */
export interface Ceremony {
  readonly round: number;
  readonly phase: string;
  readonly change: 'joins' | 'leaves';
}

/** A site whose owner takes its consent back when a round comes to a phase. */
export interface Withdrawing {
  /** 1..n. */
  readonly site: number;
  readonly round: number;
  readonly phase: string;
}

export interface MemberChanges {
  /** In this order. */
  readonly ceremonies?: readonly Ceremony[];
  readonly withdrawals?: readonly Withdrawing[];
  /** Whether the job has room for every roster, or for one more member than in the first. */
  readonly hasRoom?: boolean;
}

export interface ChangingParts {
  readonly coordinator: SimulatedCoordinator;
  readonly sites: () => readonly SimulatedSite[];
  /** Told of places that a run must have been at. */
  readonly onPlace: (place: string) => void;
  readonly onBug: (error: unknown) => void;
}

export class ChangingMembers {
  readonly #parts: ChangingParts;
  readonly #passed = new Set<string>();
  #ceremonies: readonly Ceremony[];
  #withdrawals: readonly Withdrawing[];
  #wanted: readonly Member[] | undefined;
  /** The process that is asked to propose. */
  #asked: Drivers | undefined;

  constructor({ ceremonies = [], withdrawals = [] }: MemberChanges, parts: ChangingParts) {
    this.#parts = parts;
    this.#ceremonies = ceremonies;
    this.#withdrawals = withdrawals;
  }

  /** A round has come to a phase. */
  pass(round: number, phase: string): void {
    this.#passed.add(`${round} ${phase}`);
    for (const one of this.#withdrawals.filter((other) => this.#isDue(other))) this.#withdraw(one);
    this.#withdrawals = this.#withdrawals.filter((one) => !this.#isDue(one));
  }

  /** What the operator does whenever there is something to do. */
  async propose(): Promise<void> {
    const [due, ...later] = this.#ceremonies;
    const { coordinator, onBug } = this.#parts;
    const { drivers } = coordinator;
    if (due === undefined || drivers === undefined || drivers === this.#asked || !this.#isDue(due)) return;
    this.#asked = drivers;
    const { adopted, proposed } = await coordinator.rosterChain();
    if (proposed === undefined) this.#wanted ??= this.#changed(adopted.at(-1)!.roster.members, due);
    const wanted = this.#wanted;
    if (wanted === undefined) return void (this.#asked = undefined);
    drivers.rosters.propose('test.example', wanted, { replaces: false }).then(() => {
      if (this.#asked !== drivers) return;
      this.#ceremonies = later;
      this.#wanted = undefined;
      this.#asked = undefined;
    }, onBug);
  }

  /** Where a round has got to, under that version of the roster. */
  note({ id, round }: StoredRound, version: number): void {
    const { onPlace } = this.#parts;
    if (id.round > 0 && version > 1) onPlace('a round went by a later roster');
    if (round.rules.withdrawn.length > 0) onPlace('a round without a site that has withdrawn');
    if (round.phase !== 'published') return;
    const newcomers = this.#parts.sites().filter((site) => !site.isFounder);
    if (newcomers.some(({ identity }) => round.set.members.includes(identity.site)))
      onPlace('a newcomer contributed');
  }

  #withdraw({ site, phase }: Withdrawing): void {
    if (this.#parts.sites()[site - 1]?.withdraw() === true) this.#parts.onPlace(`withdrawal while ${phase}`);
  }

  #isDue({ round, phase }: { readonly round: number; readonly phase: string }): boolean {
    return this.#passed.has(`${round} ${phase}`);
  }

  #changed(members: readonly Member[], { change }: Ceremony): readonly Member[] {
    // A roster has two members at least.
    if (change === 'leaves') return members.slice(0, Math.max(2, members.length - 1));
    const isMember = (site: SiteId) => members.some((member) => member.site === site);
    const newcomer = this.#parts.sites().find(({ identity }) => !isMember(identity.site));
    return newcomer ? [newcomer.member, ...members] : members;
  }
}
