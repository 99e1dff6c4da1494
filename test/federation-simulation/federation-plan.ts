// What a run of a simulated federation is about: who is in it, and what happens to whom.
import type { MemberChanges } from './changing-members.ts';
import type { Crash } from './incarnation.ts';
import type { Tampering } from './plain-sums.ts';
import type { Fate } from './simulated-network.ts';

/** What a site does otherwise than it should, in one round. */
export interface Mischief {
  /** 1..n. */
  readonly site: number;
  readonly round: number;
  readonly what: 'deals bad shares' | 'misreads the sum';
  /** In the first attempt only, or in all. */
  readonly always: boolean;
}

/** A site that goes away when a round comes to a phase. */
export interface Absence {
  /** 1..n. */
  readonly site: number;
  readonly round: number;
  /** Or 'attesting': an opening that needs no more openings. */
  readonly phase: string;
  /** When the disturbance is over, or never. */
  readonly returns: boolean;
}

/** A site that is not there when the job begins: it comes, and consents, when a round gets to a phase, or when the disturbance is over. */
export interface Latecomer {
  /** 1..n. */
  readonly site: number;
  readonly round: number;
  readonly phase: string;
}

export interface FederationPlan extends MemberChanges {
  readonly sites: number;
  /** Sites follow the real log; otherwise they believe one that is simulated. */
  readonly isLogFollowed?: boolean;
  /** Crashes by the number of the write at which they happen, counted over all processes. */
  readonly crashes?: ReadonlyMap<number, Crash>;
  /** Fates by the number of the call. */
  readonly fates?: ReadonlyMap<number, Fate>;
  readonly mischief?: readonly Mischief[];
  readonly absences?: readonly Absence[];
  readonly latecomers?: readonly Latecomer[];
  readonly tampering?: { readonly round: number; readonly how: Tampering } | undefined;
}
