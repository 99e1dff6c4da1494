// A log that somebody holds a later checkpoint of, or another one, is an old copy: it signs nothing any more, because the next
// checkpoint would contradict one that others hold. Nothing that runs can mend that; an operator brings back the state that wrote it.
import { Refusal } from '@blindsum/proto';

const MAX_CAUSES = 10;

/** True for what a stopped log refuses, however often it was wrapped. */
export function isLogStopped(error: unknown): boolean {
  let cause = error;
  for (let depth = 0; cause instanceof Error && depth < MAX_CAUSES; depth++) {
    if (cause instanceof Refusal && cause.code === 'LOG_STOPPED') return true;
    cause = cause.cause;
  }
  return false;
}
