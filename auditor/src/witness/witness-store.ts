// What a witness must not forget: the largest checkpoint of each log that it has cosigned, and its own keys.
import type { WitnessedHead } from '@blindsum/proto/tlog';

/**
 * The memory of one witness. Calls are atomic, also between processes that share it, and what they wrote is on disk when they
 * return. Throws when the disk fails; nothing that was not written may be signed for.
 */
export interface WitnessStore {
  /** The last checkpoint that was stored for this log, with its signature lines. */
  read(origin: string): WitnessedHead | undefined;
  /**
   * Stores `after` if what is stored is still of the size and root of `before`; otherwise returns false and changes nothing.
   * A log thus never goes back, whatever else is asked at the same instant.
   */
  replace(origin: string, before: WitnessedHead | undefined, after: WitnessedHead): boolean;
  /** The signing key that is stored under `slot`, or else what `create` makes, which is stored. Both are secrets. */
  keyOf(slot: string, create: () => string): string;
  close(): void;
}
