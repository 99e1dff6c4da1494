// A coordinator with many sites and jobs that is measured: a process of its own (bench-api-coordinator.ts), so that what measures it
// costs it nothing.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Ready, Report } from './bench-api-coordinator.ts';

const PROGRAM = new URL('bench-api-coordinator.ts', import.meta.url);

export class BenchedCoordinator {
  readonly ready: Ready;
  readonly #process: ChildProcess;

  private constructor(ready: Ready, running: ChildProcess) {
    this.ready = ready;
    this.#process = running;
  }

  /** With a roster of so many sites, and so many jobs, of which the first waits for its consents (bench-api-jobs.ts). */
  static async start(sites: number, jobs: number): Promise<BenchedCoordinator> {
    const state = await take<string>(launch(String(sites), String(jobs)));
    const running = launch(state);
    return new BenchedCoordinator(await take<Ready>(running), running);
  }

  memory(): Promise<Report> {
    return this.#ask('memory');
  }

  /** Pauses a job or resumes it, and resolves once everybody who listens was told. */
  change(): Promise<Report> {
    return this.#ask('change');
  }

  stop(): void {
    this.#process.kill();
  }

  #ask(what: 'memory' | 'change'): Promise<Report> {
    const answer = take<Report>(this.#process);
    this.#process.send(what);
    return answer;
  }
}

function launch(...given: readonly string[]): ChildProcess {
  return fork(PROGRAM, given, { execArgv: ['--disable-warning=ExperimentalWarning', '--expose-gc'] });
}

/** What it says next. Throws an Error if it ends instead. */
async function take<T>(from: ChildProcess): Promise<T> {
  const waiting = new AbortController();
  const { signal } = waiting;
  const ended = once(from, 'exit', { signal }).then(() => {
    throw new Error('the coordinator that is measured has ended');
  });
  try {
    const [message] = (await Promise.race([once(from, 'message', { signal }), ended])) as [T];
    return message;
  } finally {
    waiting.abort();
  }
}
