// The log in memory: the right edge of its tree, the unfinished entry bundle, and which records it has.
import type { Bytes, Digest } from '@blindsum/proto';
import {
  appendToEdge,
  createRightEdge,
  encodeEntryBundle,
  encodeTile,
  hashLeaf,
  TILE_WIDTH,
  toBundlePath,
  toTilePath,
  type RightEdge,
} from '@blindsum/proto/tlog';

/** Where a record is in the log. */
export interface Admitted {
  readonly index: number;
  /** Names the record by content. */
  readonly record: Digest;
}

/** An immutable value: a write that fails leaves the state before it intact. */
export interface LogState {
  readonly edge: RightEdge;
  /** Entries of the unfinished bundle, 0 to 255 of them. */
  readonly bundle: readonly Bytes[];
}

/** Files by path. */
export type LogFiles = readonly (readonly [path: string, bytes: Bytes])[];

export function createLogState(): LogState {
  return { edge: createRightEdge(), bundle: [] };
}

export function logSize({ edge }: LogState): number {
  return Number(edge.frontier.size);
}

/** The state after one more entry, and the files that must be durable before a checkpoint covers it. */
export function appendEntry(state: LogState, entry: Bytes): { state: LogState; files: LogFiles } {
  const bundle = [...state.bundle, entry];
  const { edge, tiles } = appendToEdge(state.edge, hashLeaf(entry));
  const bundleId = { index: state.edge.frontier.size / BigInt(TILE_WIDTH), width: bundle.length };
  const files: LogFiles = [
    [toBundlePath(bundleId), encodeEntryBundle(bundle)],
    ...tiles.map(({ id, hashes }) => [toTilePath(id), encodeTile(hashes)] as const),
  ];
  return { state: { edge, bundle: bundle.length === TILE_WIDTH ? [] : bundle }, files };
}

/**
 * The state after more entries, and the files that must be durable before a checkpoint covers the last of them: of a tile or bundle
 * that several of them changed, only as it is in the end.
 */
export function appendEntries(
  state: LogState,
  entries: readonly Bytes[],
): { state: LogState; files: LogFiles } {
  const files = new Map<string, LogFiles[number]>();
  let after = state;
  for (const entry of entries) {
    const step = appendEntry(after, entry);
    after = step.state;
    for (const file of step.files) files.set(file[0].split('.p/', 1)[0]!, file);
  }
  return { state: after, files: [...files.values()] };
}
