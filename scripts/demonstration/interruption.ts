// Somebody told a program to end.

const SIGNALS = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const;

/** Why a program ends early, with the exit status that says so. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
  readonly status: number;

  constructor(status: number) {
    super('interrupted');
    this.status = status;
  }
}

/** Rejects with an Interruption at the first signal. */
export function interrupted(): Promise<never> {
  return new Promise((_, reject) => {
    for (const [signal, status] of SIGNALS) process.once(signal, () => reject(new Interruption(status)));
  });
}
