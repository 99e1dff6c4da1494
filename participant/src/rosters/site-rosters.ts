// What a site's jobs need of its rosters.
import type { KnownRosters } from './known-rosters.ts';

/** The rosters that this site knows, and a look at the coordinator's. */
export interface SiteRosters {
  readonly known: Pick<KnownRosters, 'byHash' | 'latestAccepted'>;
  follow(): Promise<unknown>;
}
