// Sites whose certificates are revoked: no attempt that begins after that counts them, and none waits for them.
import type { SiteId } from '@blindsum/proto';
import type { RoundId, RoundStore } from './ports.ts';

/** Who may not connect. */
export interface Revocations {
  /**
   * Sites that are revoked now, in any order: not those that were admitted again. The revocation of each is in the log when this
   * resolves, so that a record may name it.
   */
  revoked(): Promise<readonly SiteId[]>;
}

interface RevocationSources {
  readonly rounds: Pick<RoundStore, 'load'>;
  readonly revocations: Revocations;
}

/** Those who were revoked when the attempt `id` was made, or is made now: an attempt that a crash left behind keeps its sites. */
export async function revokedBefore(
  { rounds, revocations }: RevocationSources,
  id: RoundId,
): Promise<ReadonlySet<SiteId>> {
  const made = await rounds.load(id);
  return new Set(made ? made.round.rules.revoked : await revocations.revoked());
}
