// What has changed since somebody last looked: named while it happens, which costs nothing, and read from the stores afterwards.
import type { JobId } from '@blindsum/proto';
import { targetKey, type UploadTarget } from '../uploads/upload-target.ts';

export interface UploadProgress {
  readonly target: UploadTarget;
  /** That are on disk. */
  readonly bytes: number;
}

export interface Taken {
  readonly jobs: readonly JobId[];
  readonly uploads: readonly UploadProgress[];
}

export class Happenings {
  #jobs = new Set<JobId>();
  #uploads = new Map<string, UploadProgress>();

  noteJob(job: JobId): void {
    this.#jobs.add(job);
  }

  /** Only how far it has come counts. */
  noteUpload(target: UploadTarget, bytes: number): void {
    this.#uploads.set(targetKey(target), { target, bytes });
  }

  /** Once. */
  take(): Taken {
    const taken = { jobs: [...this.#jobs], uploads: [...this.#uploads.values()] };
    this.#jobs = new Set();
    this.#uploads = new Map();
    return taken;
  }
}
