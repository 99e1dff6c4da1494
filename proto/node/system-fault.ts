// What a system says of a file or an address that it does not give, in words.

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EEXIST: 'it is there already',
  EISDIR: 'it is a folder',
  ENOTDIR: 'its place is no folder',
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  EROFS: 'its disk takes nothing',
  ENOSPC: 'its disk is full',
  EADDRINUSE: 'another program listens there',
};

/** Why a call of the system failed: for `cannot be read (…)`. A fault without words is told by its code. */
export function toSystemFault(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (typeof code !== 'string') return 'unknown error';
  return WORDS[code] ?? code;
}
