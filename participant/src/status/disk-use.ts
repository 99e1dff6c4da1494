// What the state directory holds, by kind, and how much room there is beside it.
import { readdirSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DiskUse } from '../view/site-view.ts';

/** By the name at the top of the state directory; the longest match counts. */
const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^rounds$/, 'rounds under way'],
  [/^models$/, 'models'],
  [/^checkpoints$/, 'sealed models'],
  [/^receipts$/, 'receipts of the log'],
  [/^journal\.sqlite/, 'journal'],
  [/^activity\.sqlite/, 'activity record'],
  [/^(identity|keys|.*\.key|.*\.pem|grant\.json|.*\.request\.json)$/, 'keys and certificate'],
];
const OTHER = 'other';
/** Looking must not take long, whatever is there. */
const MAX_ENTRIES = 50_000;

export function readDiskUse(folder: string): DiskUse {
  const totals = new Map<string, { bytes: number; files: number }>();
  const walk = { left: MAX_ENTRIES };
  for (const name of namesIn(folder)) {
    const what = KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? OTHER;
    const total = totals.get(what) ?? { bytes: 0, files: 0 };
    addFiles(join(folder, name), total, walk);
    totals.set(what, total);
  }
  const kinds = [...totals]
    .filter(([, { files }]) => files > 0)
    .map(([what, total]) => ({ what, ...total }))
    .toSorted((a, b) => b.bytes - a.bytes || (a.what < b.what ? -1 : 1));
  const bytes = kinds.reduce((sum, kind) => sum + kind.bytes, 0);
  return { folder, kinds, bytes, freeBytes: freeBytes(folder) };
}

/** Files come and go while rounds do: what is gone counts nothing. */
function addFiles(path: string, total: { bytes: number; files: number }, walk: { left: number }): void {
  if (walk.left-- <= 0) return;
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) for (const name of namesIn(path)) addFiles(join(path, name), total, walk);
  if (!found?.isFile()) return;
  total.bytes += found.size;
  total.files++;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

function freeBytes(folder: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}
