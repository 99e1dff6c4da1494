// Breaks chosen writes of a simulated process, and ends processes at any instant.

export const FAULTS = ['fails and does not persist', 'fails but persists'] as const;
/** The second kind is a timeout after the commit: the caller cannot tell. */
export type Fault = (typeof FAULTS)[number];

export class InjectedFault extends Error {
  override readonly name = 'InjectedFault';
}

/** Counts the writes of a run, over all its processes, and breaks those of the plan. */
export class WriteFaults {
  writes = 0;
  readonly #plan: ReadonlyMap<number, Fault>;

  constructor(plan: ReadonlyMap<number, Fault> = new Map()) {
    this.#plan = plan;
  }

  async write<T>(operation: () => Promise<T>): Promise<T> {
    const fault = this.#plan.get(++this.writes);
    if (fault === 'fails and does not persist') throw new InjectedFault(`write ${this.writes} was not made`);
    const result = await operation();
    if (fault) throw new InjectedFault(`write ${this.writes} was made, and its answer lost`);
    return result;
  }
}

/** What a process does reaches the world only while it is alive; after that, its calls never return. */
export class Lifetime {
  readonly died: Promise<'died'>;
  #isAlive = true;
  readonly #resolve: (outcome: 'died') => void;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<'died'>();
    this.died = promise;
    this.#resolve = resolve;
  }

  end(): void {
    this.#isAlive = false;
    this.#resolve('died');
  }

  async during<T>(operation: () => Promise<T>): Promise<T> {
    if (!this.#isAlive) return forever();
    try {
      return await operation();
    } finally {
      if (!this.#isAlive) await forever();
    }
  }
}

/** A stand-in for `port` that passes its calls through `guard`; `writes` names the methods that write. */
export function guarded<T extends object>(
  port: T,
  writes: readonly (keyof T)[],
  guard: { readonly lifetime: Lifetime; readonly faults: WriteFaults },
): T {
  return new Proxy(port, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      const call = (args: unknown[]) => Reflect.apply(method, target, args) as Promise<unknown>;
      const isWrite = writes.includes(name as keyof T);
      return (...args: unknown[]) =>
        guard.lifetime.during(() => (isWrite ? guard.faults.write(() => call(args)) : call(args)));
    },
  });
}

function forever(): Promise<never> {
  return new Promise(() => {});
}
