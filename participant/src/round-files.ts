// Where the large files of a round lie while it lasts: ciphertexts, sealed shares, the sum. All of it is either public to
// the coordinator or sealed; nothing here opens an update.
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { JobId, SiteId } from '@blindsum/proto';
import type { RoundReference } from './session/round-snapshot.ts';

type RoundFile = 'ciphertext' | 'shares' | 'opening' | 'sum';

/** The folders `rounds/<job>/<round>-<attempt>` of a site's state. */
export class RoundFiles {
  readonly #root: string;

  constructor(stateDirectory: string) {
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
      if (name !== kept) rmSync(join(folder, name), { recursive: true, force: true });
    }
  }

  #folder(ref: RoundReference): string {
    const folder = join(this.#root, ref.job, nameOf(ref));
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return folder;
  }
}

function nameOf({ round, attempt }: RoundReference): string {
  return `${round}-${attempt}`;
}
