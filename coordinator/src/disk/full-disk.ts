// A full disk is nobody's fault and passes: what finds it full is refused, nothing that was acknowledged is lost, and the same
// again succeeds once there is room. Any other error of a disk (EIO) is fatal.
import { Refusal } from '@blindsum/proto';

/** No room, no room within the quota of this user, and no room below the process's limit for a file. */
const NO_ROOM = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
/** SQLITE_FULL, and SQLITE_IOERR_SHMSIZE: no room for the index of the write-ahead log. */
const SQLITE_NO_ROOM = new Set([13, 4874]);
const MAX_CAUSES = 10;

/** True for an error that comes from a full disk, however often it was wrapped. */
export function isDiskFull(error: unknown): boolean {
  let cause = error;
  for (let depth = 0; cause instanceof Error && depth < MAX_CAUSES; depth++) {
    const { code, errcode } = cause as { code?: unknown; errcode?: unknown };
    if (NO_ROOM.has(String(code)) || (typeof errcode === 'number' && SQLITE_NO_ROOM.has(errcode)))
      return true;
    cause = cause.cause;
  }
  return false;
}

/** What a caller is told whose request found the disk full. */
export function toDiskFullRefusal(cause: unknown): Refusal {
  return new Refusal(
    'QUOTA_EXCEEDED',
    'the disk of the coordinator is full; the same again succeeds once there is room',
    {
      cause,
    },
  );
}

/** `port` with QUOTA_EXCEEDED in the place of errors that come from a full disk; `noteFull` is told of each. */
export function refusingWhenFull<T extends object>(port: T, noteFull: () => void): T {
  const refuse = (error: unknown): never => {
    if (!isDiskFull(error)) throw error;
    noteFull();
    throw toDiskFullRefusal(error);
  };
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        const result: unknown = Reflect.apply(member, target, args);
        return result instanceof Promise ? result.catch(refuse) : result;
      };
    },
  });
}
