// The processes that the demonstration starts: their output goes to files, and none of them outlives it.
import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** How long a process may take to end after SIGTERM before it is killed. */
const STOP_MS = 10_000;

export interface Command {
  /** Names the output file. */
  readonly name: string;
  /** Absolute path of the program, then its arguments. */
  readonly argv: readonly [string, ...string[]];
  readonly onLine?: (line: string) => void;
  /** Told of each line on the standard error. */
  readonly onComplaint?: (line: string) => void;
  readonly environment?: Readonly<Record<string, string>>;
}

/** How a process ended. */
export interface Ending {
  /** Exit status; undefined if a signal ended it. */
  readonly status: number | undefined;
  readonly stdout: string;
  /** The last lines that it wrote to the standard error. */
  readonly complaint: string;
}

/** A process that was started. */
export interface Running {
  /** Resolves when it has ended, whichever way, and all it printed was seen; rejects if it could not be started. */
  readonly ended: Promise<Ending>;
  /** Ends it at once: it cannot do anything about that. */
  readonly kill: () => void;
  readonly pid: number | undefined;
  /** Sends it another signal. */
  readonly signal: (name: NodeJS.Signals) => void;
}

/** Starts processes and ends them. */
export class Processes {
  readonly #outputFolder: string;
  readonly #running = new Map<ChildProcess, Promise<Ending>>();
  #isKilled = false;

  constructor(outputFolder: string) {
    this.#outputFolder = outputFolder;
    mkdirSync(outputFolder, { recursive: true });
  }

  /** Starts a process; the promise resolves when it has ended, whichever way, and rejects if it cannot be started. */
  async start(command: Command): Promise<Ending> {
    return this.launch(command).ended;
  }

  /** Starts a process that somebody may want to kill; throws an Error once everything was told to end. */
  launch(command: Command): Running {
    if (this.#isKilled) throw new Error(`${command.name}: not started, because everything was told to end`);
    return this.#spawn(command);
  }

  #spawn({ name, argv: [program, ...args], onLine, onComplaint, environment }: Command): Running {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    const output = createWriteStream(join(this.#outputFolder, `${name}.txt`), { flags: 'a' });
    const stdout: string[] = [];
    const stderr: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => {
      output.write(`${line}\n`);
      // A process with a listener may run for days: its lines are not kept as well.
      if (onLine) onLine(line);
      else stdout.push(line);
    });
    createInterface({ input: child.stderr }).on('line', (line) => {
      output.write(`${line}\n`);
      onComplaint?.(line);
      stderr.push(line);
      if (stderr.length > 5) stderr.shift();
    });
    const ended = new Promise<Ending>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status) => {
        output.end();
        this.#running.delete(child);
        resolve({ status: status ?? undefined, stdout: stdout.join('\n'), complaint: stderr.join('\n') });
      });
    });
    this.#running.set(child, ended);
    const signal = (name: NodeJS.Signals) => void child.kill(name);
    return { ended, pid: child.pid, signal, kill: () => signal('SIGKILL') };
  }

  /** Runs a process to its end and returns its standard output; throws an Error with its complaint unless it succeeds. */
  async run(command: Command): Promise<string> {
    const { status, stdout, complaint } = await this.start(command);
    if (status === 0) return stdout;
    throw new Error(`${command.argv.join(' ')} ended with status ${status ?? 'unknown'}:\n${complaint}`);
  }

  /** Asks every process to end, kills those that do not, and waits for all. */
  async stop(): Promise<void> {
    const running = [...this.#running];
    for (const [child] of running) child.kill('SIGTERM');
    const timer = setTimeout(() => running.forEach(([child]) => child.kill('SIGKILL')), STOP_MS);
    await Promise.allSettled(running.map(([, ended]) => ended));
    clearTimeout(timer);
  }

  /** Kills every process at once, without waiting; none is started after. */
  kill(): void {
    this.#isKilled = true;
    for (const [child] of this.#running) child.kill('SIGKILL');
  }
}
