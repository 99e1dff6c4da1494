// Calls in the second that has just passed, of all and by address. Memory is bounded by the number of calls that are let through.

export interface CallRate {
  /** Counts a call from `address` at `nowMs` and returns true, or returns false if it is one too many. */
  admit(address: string, nowMs: number): boolean;
}

export interface CallRateLimits {
  readonly callsPerSecond: number;
  readonly callsPerSecondPerAddress: number;
}

const WINDOW_MS = 1000;

export function createCallRate({ callsPerSecond, callsPerSecondPerAddress }: CallRateLimits): CallRate {
  let calls: { readonly address: string; readonly atMs: number }[] = [];
  return {
    admit(address, nowMs) {
      // Also forgets what lies in the future, if the clock was set back.
      calls = calls.filter(({ atMs }) => atMs > nowMs - WINDOW_MS && atMs <= nowMs);
      const fromThere = calls.filter((call) => call.address === address).length;
      if (calls.length >= callsPerSecond || fromThere >= callsPerSecondPerAddress) return false;
      calls.push({ address, atMs: nowMs });
      return true;
    },
  };
}
