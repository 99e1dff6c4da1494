// Compiles only while the documents that the console reads are those of the admin API's schema. It has no code, and is in no bundle.
import type { components } from '@blindsum/admin-client';
import type * as shown from './documents.ts';
import type { TrailEntry } from './trail.ts';

type Told = components['schemas'];

/** Whatever the coordinator tells by the schema can be read as the console reads it. */
type Reads<Document, Schema extends Document> = [Document, Schema];

/** What is left out is wider in the schema (a phase is any text there, an actor has optional names). */
export type Agreed = [
  Reads<shown.SiteDocument, Told['Site']>,
  Reads<Omit<shown.JobDocument, 'current'>, Told['Job']>,
  Reads<Omit<shown.JobDetail, 'current'>, Told['JobDetail']>,
  Reads<Omit<shown.CurrentRound, 'phase'>, NonNullable<Told['Job']['current']>>,
  Reads<shown.RoundDocument, Told['Round']>,
  Reads<shown.RoundDetail, Told['RoundDetail']>,
  Reads<shown.LogDocument, Told['Log']>,
  Reads<shown.DiskDocument, Told['Disk']>,
  Reads<shown.CertificateStatus, Told['Certificate']>,
  Reads<Omit<shown.OverviewDocument, 'jobs'>, Told['Overview']>,
  Reads<Omit<shown.SessionDocument, 'actor'>, Told['Session']>,
  Reads<shown.Contribution, Told['Contribution']>,
  Reads<shown.RosterDocument, Told['Roster']>,
  Reads<TrailEntry, Told['TrailEntry']>,
];
