// Tests that play schedules. The runner of node:test follows every promise, which takes it as long as the schedules themselves: they
// are played before it is loaded, and it is then told how each of them ended.

const tests: { readonly name: string; readonly play: () => Promise<void> | void }[] = [];

/** In the place of `test` of node:test, which a file with such tests imports nowhere. */
export function test(name: string, play: () => Promise<void> | void): void {
  tests.push({ name, play });
}

/** The end of such a file: plays its tests one after another, and reports them. */
export async function playTests(): Promise<void> {
  const ends: (() => void)[] = [];
  for (const { play } of tests) ends.push(await endOf(play));
  const runner = await import('node:test');
  tests.forEach(({ name }, i) => void runner.test(name, ends[i]));
}

async function endOf(play: () => Promise<void> | void): Promise<() => void> {
  try {
    await play();
    return () => undefined;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
