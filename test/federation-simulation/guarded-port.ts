// A store as one process sees it: each write is one at which it may crash, and nothing is answered to a process that has ended.
import type { CrashPoints, Incarnation } from './incarnation.ts';

export interface Guard {
  readonly process: Incarnation;
  readonly crashes: CrashPoints;
}

/** A stand-in for `port` as one process sees it; `writes` names the methods at which the process may crash. */
export function guarded<T extends object>(
  name: string,
  port: T,
  writes: readonly (keyof T & string)[],
  { process, crashes }: Guard,
): T {
  return new Proxy(port, {
    get(target, property) {
      const method: unknown = Reflect.get(target, property);
      if (typeof method !== 'function') return method;
      const isWrite = writes.includes(property as keyof T & string);
      return (...args: unknown[]) => {
        const call = () => Reflect.apply(method, target, args) as Promise<unknown>;
        return isWrite
          ? crashes.writeLater(process, `${name}.${String(property)}`, call)
          : process.during(call);
      };
    },
  });
}
