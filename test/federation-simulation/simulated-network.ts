// What lies between sites and coordinator: every request and every answer is on its way for as long as the schedule likes, and
// may be lost; a request may arrive twice, the second time much later.
import { Refusal, type SiteId } from '@blindsum/proto';
import type { Agenda } from './agenda.ts';
import type { Caller, Services } from './coordinator-services.ts';
import type { Incarnation } from './incarnation.ts';
import type { SimulatedCoordinator } from './simulated-coordinator.ts';

/** What becomes of a call. */
export const FATES = ['request lost', 'answer lost', 'request repeated', 'stream broken'] as const;
export type Fate = (typeof FATES)[number] | 'answered' | 'caller killed';

export interface Call<T> {
  readonly what: string;
  /** What the coordinator does when the request arrives, with all that it carries, or the first half of it. */
  readonly ask: (services: Services, caller: Caller, isCut: boolean) => Promise<T>;
}

export class SimulatedNetwork {
  /** Calls so far, by who called what. */
  readonly calls: string[] = [];
  /** Decides the fate of a call by its number, from 1. */
  decide: (nth: number) => Fate = () => 'answered';
  readonly #agenda: Agenda;
  readonly #coordinator: SimulatedCoordinator;

  constructor(agenda: Agenda, coordinator: SimulatedCoordinator) {
    this.#agenda = agenda;
    this.#coordinator = coordinator;
  }

  /** Rejects as the coordinator refuses, or UNAVAILABLE; never settles once the caller has ended. */
  call<T>(caller: Incarnation, site: SiteId, { what, ask }: Call<T>): Promise<T> {
    caller.requireAlive();
    caller.doing = what;
    const name = `${site} ${what}`;
    this.calls.push(name);
    const fate = this.decide(this.calls.length);
    if (fate !== 'answered') this.#agenda.note(`(${fate})`);
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const settle = (what: string, run: () => void) => this.#agenda.post({ what, owner: caller, run });
    const lose = () => settle(`${name}: no answer`, () => reject(new Refusal('UNAVAILABLE', 'no answer')));
    const arrive = () => {
      const isCut = fate === 'stream broken';
      const answered = this.#coordinator.ask(site, (...args) => ask(...args, isCut));
      answered.then(
        (answer) => (fate === 'answer lost' ? lose() : settle(`${name}: answered`, () => resolve(answer))),
        (error: unknown) => {
          const refusal = toRefusal(error);
          if (fate === 'answer lost') lose();
          else settle(`${name}: ${refusal.code}`, () => reject(refusal));
        },
      );
    };
    const again = () => void this.#coordinator.ask(site, (...args) => ask(...args, false)).catch(toRefusal);
    if (fate === 'request lost') lose();
    else this.#agenda.post({ what: name, run: arrive });
    if (fate === 'request repeated') this.#agenda.post({ what: `${name} again`, run: again });
    if (fate === 'caller killed') caller.end();
    return promise;
  }
}

/** Throws what is no refusal: only a mistake in the programs explains it, and nobody catches it. */
function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  throw error;
}
