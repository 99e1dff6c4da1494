// What the coordinator tells, with the data of each kind of event.
import type { components } from './schema.ts';

type Schemas = components['schemas'];

/** `reset`: what was missed cannot be told again, so that everything must be read anew. */
export type AdminEvent =
  | { readonly id: string; readonly type: 'job'; readonly data: Schemas['JobEvent'] }
  | { readonly id: string; readonly type: 'round'; readonly data: Schemas['RoundEvent'] }
  | { readonly id: string; readonly type: 'upload'; readonly data: Schemas['UploadEvent'] }
  | { readonly id: string; readonly type: 'site'; readonly data: Schemas['SiteEvent'] }
  | { readonly id: string; readonly type: 'log'; readonly data: Schemas['LogEvent'] }
  | { readonly id: string; readonly type: 'trail'; readonly data: Schemas['TrailEvent'] }
  | { readonly id: string; readonly type: 'reset'; readonly data: Schemas['ResetEvent'] };
export type EventType = Exclude<AdminEvent['type'], 'reset'>;
