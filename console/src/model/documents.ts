// The documents of the admin API as the console reads them: the types that are generated from the coordinator's routes.
import type { components } from '@blindsum/admin-client/documents';

/** What was answered is shown, and never changed. */
type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

type Schemas = components['schemas'];
type Told<Name extends keyof Schemas> = DeepReadonly<Schemas[Name]>;

export type OverviewDocument = Told<'Overview'>;
export type LogDocument = Told<'Log'>;
export type WitnessDocument = LogDocument['witnesses'][number];

export type SiteDocument = Told<'Site'>;
export type Contribution = Told<'Contribution'>;
export type RosterDocument = Told<'Roster'>;

export type JobDocument = Told<'Job'>;
export type JobDetail = Told<'JobDetail'>;
export type JobState = JobDocument['state'];
export type CurrentRound = NonNullable<JobDocument['current']>;
/** Its `noise` is always null, which the client's types take for a member that is never answered. */
export type PrivacyDocument = Omit<Told<'Privacy'>, 'noise'>;
export type PrivacyFlow = PrivacyDocument['flows'][number];

export type RoundDocument = Told<'Round'>;
export type RoundPhase = RoundDocument['phase'];
export type RoundKind = RoundDocument['kind'];
export type FailureReason = NonNullable<RoundDocument['failure']>['reason'];
/** A site, and what is missing of it or why it was left out. */
export type Finding = RoundDocument['awaited'][number];
/** Of one round, what was opened and recorded. */
export type CurvePoint = Told<'Curves'>['rounds'][number];
/** How far an upload has come; told while it runs. */
export type UploadProgress = Omit<Told<'UploadEvent'>, 'atMs'>;

export type TrailEntry = Told<'TrailEntry'>;
export type SessionDocument = Told<'Session'>;
export type Scope = SessionDocument['scope'];
export type SignInOptions = Told<'SignInOptions'>;
