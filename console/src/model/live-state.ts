// What the console knows of the federation, and how each event changes it: pure, so that what is shown after any events can be told.
import type {
  JobDocument,
  LogDocument,
  OverviewDocument,
  RoundDocument,
  SiteDocument,
  UploadProgress,
} from './documents.ts';

export interface LiveState {
  readonly overview: Omit<OverviewDocument, 'jobs' | 'sites'>;
  /** By name, in the order of the coordinator. */
  readonly jobs: ReadonlyMap<string, JobDocument>;
  readonly sites: ReadonlyMap<string, SiteDocument>;
}

/** Events as the coordinator tells them; what is in none of these is left to whoever reads newer ones. */
export type LiveEvent =
  | { readonly type: 'job'; readonly atMs: number; readonly job: JobDocument }
  | { readonly type: 'site'; readonly atMs: number; readonly site: SiteDocument }
  | {
      readonly type: 'round';
      readonly atMs: number;
      readonly round: RoundDocument & { readonly job: string };
    }
  | { readonly type: 'upload'; readonly atMs: number; readonly upload: UploadProgress }
  | { readonly type: 'log'; readonly atMs: number; readonly log: Partial<LogDocument> }
  /** The audit trail has entries up to this one. */
  | { readonly type: 'trail'; readonly atMs: number; readonly last: number }
  | { readonly type: 'reset'; readonly atMs: number };

export function toLiveState({ jobs, sites, ...overview }: OverviewDocument): LiveState {
  return {
    overview,
    jobs: new Map(jobs.map((job) => [job.job, job])),
    sites: new Map(sites.map((site) => [site.site, site])),
  };
}

/** The same state where an event says nothing about it. */
export function applyEvent(state: LiveState, event: LiveEvent): LiveState {
  switch (event.type) {
    case 'job':
      return { ...state, jobs: new Map(state.jobs).set(event.job.job, event.job) };
    case 'site':
      return { ...state, sites: new Map(state.sites).set(event.site.site, event.site) };
    case 'log': {
      const log = { ...state.overview.log, ...event.log };
      return { ...state, overview: { ...state.overview, log } };
    }
    case 'round':
    case 'upload':
    case 'trail':
    case 'reset':
      return state;
  }
}

/** The rounds of one job with this one in its place: by round, then by attempt. */
export function withRound(rounds: readonly RoundDocument[], round: RoundDocument): readonly RoundDocument[] {
  const isSame = (one: RoundDocument) => one.round === round.round && one.attempt === round.attempt;
  const others = rounds.filter((one) => !isSame(one));
  return [...others, round].toSorted((a, b) => a.round - b.round || a.attempt - b.attempt);
}
