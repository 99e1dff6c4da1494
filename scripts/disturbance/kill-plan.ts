// Who is killed, when, and for how long, by seed: at random instants, and right after moments, of which none is chosen again
// before all have had their turn.
import { SeededRandom } from '../../participant/src/data/seeded-random.ts';
import { MOMENT_NAMES, type MomentName } from './moments.ts';

export type VictimKind = 'coordinator' | 'site';

/** Kills somebody right after a moment: the site to which it happened, if it was one, and any site otherwise. */
export interface Card {
  readonly after: MomentName;
  readonly victim: VictimKind;
}

/** One kill. A stroke that follows a moment takes its victim from the card that comes up. */
export interface Stroke {
  readonly at: 'random' | 'moment';
  readonly victim: VictimKind;
  /** Among the sites, where one has to be chosen. */
  readonly site: number;
  /** From the moment, or from the stroke before, to the kill. */
  readonly delayMs: number;
  /** From the kill to the restart. */
  readonly downMs: number;
  /**
   * The coordinator dies when uploads are ahead, is started again with a quota that is too small for a round, and once more
   * without when a site was refused for it.
   */
  readonly isQuotaSmall: boolean;
}

export interface PlanRules {
  readonly seed: number;
  readonly kills: number;
  readonly sites: number;
}

const LONGEST_RANDOM_MS = 1500;
const LONGEST_AFTER_MOMENT_MS = 25;
const LONGEST_DOWN_MS = 700;
/** Moments that are waited for at a time: the first to come is taken. */
const HAND = 10;
/** One stroke in so many squeezes the quota, and the first of them comes early. */
const SQUEEZE_EVERY = 8;
const FIRST_SQUEEZE = 2;

/** After these a site is about to upload. */
export const BEFORE_UPLOADS: readonly MomentName[] = [
  'round opened',
  'training',
  'training finished',
  'update encrypted',
];

/** Every second stroke follows a moment. */
export function planKills({ seed, kills, sites }: PlanRules): Stroke[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: kills }, (_, i) => {
    const at = i % 2 === 0 ? 'moment' : 'random';
    return {
      at,
      // Two in five: the coordinator is one of four or more, and the one whose death concerns all.
      victim: random.below(5) < 2 ? 'coordinator' : 'site',
      site: random.below(sites),
      delayMs: random.below(at === 'moment' ? LONGEST_AFTER_MOMENT_MS : LONGEST_RANDOM_MS),
      downMs: random.below(LONGEST_DOWN_MS),
      isQuotaSmall: i % SQUEEZE_EVERY === FIRST_SQUEEZE,
    };
  });
}

/** The moments that are still to be followed by a kill. */
export class Deck {
  readonly #random: SeededRandom;
  #cards: Card[] = [];

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
  }

  /** Some cards, no two of one moment. */
  hand(): Card[] {
    if (this.#cards.length === 0) this.#cards = allCards();
    const order = Uint32Array.from(this.#cards.keys());
    this.#random.shuffle(order);
    const byMoment = new Map<MomentName, Card>();
    for (const index of order) byMoment.set(this.#cards[index]!.after, this.#cards[index]!);
    return [...byMoment.values()].slice(0, HAND);
  }

  /** Takes a card out, because its turn was had. */
  played(card: Card): void {
    this.#cards = this.#cards.filter(({ after, victim }) => after !== card.after || victim !== card.victim);
  }
}

function allCards(): Card[] {
  return MOMENT_NAMES.flatMap((after): Card[] => [
    { after, victim: 'coordinator' },
    { after, victim: 'site' },
  ]);
}
