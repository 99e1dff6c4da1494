// Tiles and entry bundles as a log holds them (C2SP tlog-tiles): it may drop a partial one once the full one is there.
import type { Bytes } from '../bytes.ts';
import { Refusal } from '../refusal.ts';
import { TILE_WIDTH } from './tile.ts';

/** A tile or a bundle that is wanted with `width` hashes or entries, 1 to 256. */
export interface HeldFile<T> {
  /** Its name, for people. */
  readonly path: string;
  readonly width: number;
  /** The bytes of the file of exactly that width, or undefined when there is none. */
  readonly read: (width: number) => Promise<Bytes | undefined>;
  /** Cuts hostile bytes into exactly `width` parts, or refuses. */
  readonly parse: (data: Bytes, width: number) => T[];
}

/** The file of that width, or the beginning of the full one. Refuses NOT_FOUND when neither is there, and what `parse` refuses. */
export async function readHeld<T>({ path, width, read, parse }: HeldFile<T>): Promise<T[]> {
  const bytes = await read(width);
  if (bytes) return parse(bytes, width);
  const full = width === TILE_WIDTH ? undefined : await read(TILE_WIDTH);
  if (!full) throw new Refusal('NOT_FOUND', `${path} is missing`);
  return parse(full, TILE_WIDTH).slice(0, width);
}
