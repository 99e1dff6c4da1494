// What the console knows of the federation, and how each event changes it: pure, so that what is shown after any events can be told.
import type { AdminEvent } from '@blindsum/admin-client/documents';
import type { JobDocument, OverviewDocument, RoundDocument, SiteDocument } from './documents.ts';

export interface LiveState {
  readonly overview: Omit<OverviewDocument, 'jobs' | 'sites'>;
  /** By name, in the order of the coordinator. */
  readonly jobs: ReadonlyMap<string, JobDocument>;
  readonly sites: ReadonlyMap<string, SiteDocument>;
}

export type LiveEvent = AdminEvent;

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
      return { ...state, jobs: withEntry(state.jobs, event.data.job.job, event.data.job) };
    case 'site':
      return { ...state, sites: withEntry(state.sites, event.data.site.site, event.data.site) };
    case 'log':
      return { ...state, overview: { ...state.overview, log: event.data.log } };
    case 'round':
    case 'upload':
    case 'trail':
    case 'reset':
      return state;
  }
}

function withEntry<T>(map: ReadonlyMap<string, T>, name: string, value: T): ReadonlyMap<string, T> {
  return new Map(map).set(name, value);
}

/** The rounds of one job with this one in its place: by round, then by attempt. */
export function withRound(rounds: readonly RoundDocument[], round: RoundDocument): readonly RoundDocument[] {
  const isSame = (one: RoundDocument) => one.round === round.round && one.attempt === round.attempt;
  const others = rounds.filter((one) => !isSame(one));
  return [...others, round].toSorted((a, b) => a.round - b.round || a.attempt - b.attempt);
}
