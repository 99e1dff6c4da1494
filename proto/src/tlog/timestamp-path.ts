// Where the response of a timestamp authority (RFC 3161) lies beside the log.

/** `timestamps/<size>.tsr`, for the tree of `size` entries. */
export function toTimestampPath(size: number): string {
  return `timestamps/${size}.tsr`;
}

/** True for a path that toTimestampPath gives. */
export function isTimestampPath(path: string): boolean {
  return /^timestamps\/[1-9][0-9]{0,15}\.tsr$/.test(path);
}
