// A mistake in a file is told with the file's name.
import { basename } from 'node:path';
import { Refusal } from '../src/refusal.ts';

/** What `check` gives; what it refuses is refused with the name of the file at `path` before it. */
export function namingFile<T>(path: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal(error.code, `${basename(path)}: ${error.detail}`, { cause: error });
  }
}
