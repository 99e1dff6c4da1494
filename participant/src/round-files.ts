// Where the large files of a round lie while it lasts: ciphertexts, sealed shares, the sum. All of it is either public to
// the coordinator or sealed; nothing here opens an update.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { JobId, SiteId } from '@blindsum/proto';
import { makeFolderDurably } from './make-folder-durably.ts';
import type { RoundReference } from './session/round-snapshot.ts';

type RoundFile = 'ciphertext' | 'shares' | 'opening' | 'sum';

/** The folders `rounds/<job>/<round>-<attempt>` of a site's state. */
export class RoundFiles {
  readonly #stateDirectory: string;
  readonly #root: string;
  /** Folders that this process has seen to. */
  readonly #made = new Set<string>();

  constructor(stateDirectory: string) {
    this.#stateDirectory = stateDirectory;
    this.#root = join(stateDirectory, 'rounds');
  }

  /** Path of a file; its folder exists. */
  path(ref: RoundReference, file: RoundFile): string {
    return join(this.#folder(ref), `${file}.bin`);
  }

  /** Path of another site's ciphertext. */
  contributionPath(ref: RoundReference, site: SiteId): string {
    return join(this.#folder(ref), `contribution-${site}.bin`);
  }

  remove(path: string): void {
    rmSync(path, { force: true });
    rmSync(`${path}.partial`, { force: true });
  }

  /** Removes the files of every other round and attempt of the job; of all of them when `current` is absent. */
  retire(job: JobId, current?: RoundReference): void {
    const folder = join(this.#root, job);
    if (!existsSync(folder)) return;
    const kept = current && nameOf(current);
    for (const name of readdirSync(folder)) {
      if (name === kept) continue;
      this.#made.delete(join(folder, name));
      rmSync(join(folder, name), { recursive: true, force: true });
    }
  }

  #folder(ref: RoundReference): string {
    const folder = join(this.#root, ref.job, nameOf(ref));
    if (!this.#made.has(folder)) makeFolderDurably(this.#stateDirectory, folder);
    this.#made.add(folder);
    return folder;
  }
}

function nameOf({ round, attempt }: RoundReference): string {
  return `${round}-${attempt}`;
}
