// The identity of an attempt, as a key and for people.
import type { RoundId } from './ports.ts';

/** One spelling for each attempt. */
export function toRoundKey({ job, round, attempt }: RoundId): string {
  return `${job}/${round}-${attempt}`;
}

export function isSameRound(a: RoundId, b: RoundId): boolean {
  return toRoundKey(a) === toRoundKey(b);
}
