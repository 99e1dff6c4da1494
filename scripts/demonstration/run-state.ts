// Where a running federation is, from what its sites report.
import type { ProgressEvent } from '../../participant/src/session-progress.ts';

/** Something worth a line of its own. */
export type Milestone =
  | { readonly kind: 'phase'; readonly round: string; readonly phase: string }
  | {
      readonly kind: 'model';
      readonly after: string;
      readonly loss: number;
      readonly auc: number | undefined;
    }
  | { readonly kind: 'trouble'; readonly site: string; readonly text: string };

/** Folds the events of all sites. */
export class RunState {
  readonly #trainingRounds: number;
  readonly #sites: readonly string[];
  readonly #uploaded = new Map<string, Set<string>>();
  readonly #activity = new Map<string, string>();
  readonly #places = new Set<string>();
  #bytes = 0;
  #place = 'starting';

  constructor(sites: readonly string[], trainingRounds: number) {
    this.#sites = sites;
    this.#trainingRounds = trainingRounds;
  }

  /** Bytes that all sites have uploaded. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Round and phase. */
  get place(): string {
    return this.#place;
  }

  /** Sites whose ciphertext is in, in the round that was reported last. */
  get sitesIn(): number {
    return [...this.#uploaded.values()].at(-1)?.size ?? 0;
  }

  get siteCount(): number {
    return this.#sites.length;
  }

  /** What a site did last. */
  activityOf(site: string): string {
    return this.#activity.get(site) ?? 'starting';
  }

  /** Takes in one event; returns what is new. */
  apply(site: string, event: ProgressEvent): Milestone[] {
    this.#activity.set(site, toActivity(event));
    switch (event.event) {
      case 'phase':
        return this.#enter(event);
      case 'uploaded':
        this.#bytes += event.bytesSent;
        this.#uploadsOf(event).add(site);
        return [];
      case 'applied':
        return this.#applied(event);
      case 'refused':
      case 'waiting':
        return [{ kind: 'trouble', site, text: `${event.code}: ${event.detail}` }];
      case 'stopped':
        return [{ kind: 'trouble', site, text: `stopped: ${event.reason}` }];
      default:
        return [];
    }
  }

  #enter(event: Extract<ProgressEvent, { event: 'phase' }>): Milestone[] {
    const round = this.#toName(event);
    const place = `${round} ${event.attempt} ${event.phase}`;
    if (this.#places.has(place)) return [];
    this.#places.add(place);
    this.#uploadsOf(event);
    this.#place = `${round}, ${event.phase}`;
    return [{ kind: 'phase', round, phase: event.phase }];
  }

  // A training round's metrics are of the model it started from: they say what the round before it brought.
  #applied({ kind, round, metrics }: Extract<ProgressEvent, { event: 'applied' }>): Milestone[] {
    const [loss, auc] = [metrics['lossMillionths'], metrics['aucMillionths']];
    const after = round === 1 ? 'before training' : `after round ${round - 1}`;
    if (kind === 'statistics' || loss === undefined || this.#places.has(after)) return [];
    this.#places.add(after);
    return [{ kind: 'model', after, loss: loss / 1e6, auc: auc === undefined ? undefined : auc / 1e6 }];
  }

  #uploadsOf({ round, attempt }: { readonly round: number; readonly attempt: number }): Set<string> {
    const key = `${round}/${attempt}`;
    const uploads = this.#uploaded.get(key) ?? new Set();
    this.#uploaded.set(key, uploads);
    return uploads;
  }

  #toName({ kind, round, attempt }: Extract<ProgressEvent, { event: 'phase' }>): string {
    const name = kind === 'training' ? `round ${round} of ${this.#trainingRounds}` : kind;
    return attempt > 1 ? `${name} (attempt ${attempt})` : name;
  }
}

function toActivity(event: ProgressEvent): string {
  switch (event.event) {
    case 'consented':
      return `joined with ${event.examples} rows`;
    case 'phase':
      return `sees ${event.phase}`;
    case 'train':
      return `training, epoch ${event.epoch} of ${event.epochs}, loss ${event.loss.toFixed(3)}`;
    case 'trained':
      return `trained on ${event.backend}, loss ${event.loss.toFixed(3)}`;
    case 'uploaded':
      return `uploaded ${(event.bytesSent / 1024).toFixed(0)} KiB`;
    case 'applied':
      return `applied the sum of ${event.contributors} sites`;
    case 'refused':
    case 'waiting':
      return event.code;
    default:
      return event.event;
  }
}
