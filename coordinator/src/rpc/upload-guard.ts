// Messages that sign for an upload: a commitment for ciphertext and shares, an opening for sums of shares, a checkpoint. What was signed
// for must be here, whole and with the root that was signed, before the round learns of it.
import { refuseUnless, type Digest } from '@blindsum/proto';
import { KeyedQueue } from '../keyed-queue.ts';
import { targetKey, type UploadTarget } from '../uploads/upload-target.ts';
import type { Uploads } from '../uploads/uploads.ts';

export interface SignedUpload {
  readonly target: UploadTarget;
  readonly root: Digest;
}

export interface SignedSubmission<T> {
  readonly uploads: readonly SignedUpload[];
  /** False once the round holds a message in this place, or waits for none: what was signed for stays. */
  readonly isAwaited: () => Promise<boolean>;
  readonly submit: () => Promise<T>;
}

/**
 * Verifies the uploads, then submits. Refuses PART_OUT_OF_ORDER for an upload that is not whole. One that has another root is
 * forgotten, so that its site can start again after a crash that cost it its key, and ROOT_MISMATCH is refused.
 */
export class UploadGuard {
  readonly #uploads: Uploads;
  /** One at a time for each site, lest one message's mismatch removes what another one has just signed for. */
  readonly #queue = new KeyedQueue();

  constructor(uploads: Uploads) {
    this.#uploads = uploads;
  }

  submit<T>(submission: SignedSubmission<T>): Promise<T> {
    const [first] = submission.uploads;
    return this.#queue.run(first ? targetKey(first.target) : '', async () => {
      // The driver tells a retry from a conflict; an upload that was signed for is not looked at again.
      if (await submission.isAwaited()) await this.#verify(submission.uploads);
      return submission.submit();
    });
  }

  async #verify(uploads: readonly SignedUpload[]): Promise<void> {
    for (const { target, root } of uploads) {
      const actual = await this.#uploads.root(target);
      if (actual !== root) await this.#uploads.discard(target);
      refuseUnless(
        actual === root,
        'ROOT_MISMATCH',
        `the ${target.kind} of ${target.owner} that is here has another root; upload it again`,
      );
    }
  }
}
