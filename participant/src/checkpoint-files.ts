// Where checkpoints lie while they are moved: the one that this site sealed, and those that others sealed for it. All of them
// are sealed; nothing here shows a model.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest, JobId, SiteId } from '@blindsum/proto';
import { makeFolderDurably } from './make-folder-durably.ts';
import type { RoundReference } from './session/round-snapshot.ts';

/** The folders `checkpoints/<job>/<round>-<attempt>` of a site's state. */
export class CheckpointFiles {
  readonly #stateDirectory: string;
  readonly #root: string;

  constructor(stateDirectory: string) {
    this.#stateDirectory = stateDirectory;
    this.#root = join(stateDirectory, 'checkpoints');
  }

  /** Path of a checkpoint for the members of a roster; its folder exists, and those of other rounds do not. */
  path(ref: RoundReference, sealer: SiteId, rosterHash: Digest): string {
    const name = `${ref.round}-${ref.attempt}`;
    this.#retire(ref.job, name);
    const folder = join(this.#root, ref.job, name);
    // An upload that has begun goes on with the file that is here, also after a power cut.
    makeFolderDurably(this.#stateDirectory, folder);
    return join(folder, `${sealer}.${rosterHash.slice(0, 16)}.bin`);
  }

  /** Removes all of a job. */
  retire(job: JobId): void {
    rmSync(join(this.#root, job), { recursive: true, force: true });
  }

  #retire(job: JobId, kept: string): void {
    const folder = join(this.#root, job);
    if (!existsSync(folder)) return;
    for (const name of readdirSync(folder))
      if (name !== kept) rmSync(join(folder, name), { recursive: true, force: true });
  }
}
