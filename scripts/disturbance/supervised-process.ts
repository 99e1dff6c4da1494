// A process that is killed and started again, as a supervisor would start it.
import type { Ending, Running } from '../demonstration/processes.ts';

export interface SupervisionRules {
  readonly name: string;
  readonly launch: () => Running;
  /** Told when it ended and nobody had killed it. */
  readonly onOwnEnd: (ending: Ending) => void;
}

/** One process after another under one name. */
export class SupervisedProcess {
  readonly name: string;
  readonly #rules: SupervisionRules;
  #running: Running | undefined;
  #startedMs = 0;

  constructor(rules: SupervisionRules) {
    this.name = rules.name;
    this.#rules = rules;
  }

  get isUp(): boolean {
    return this.#running !== undefined;
  }

  /** When the current process was started. */
  get startedMs(): number {
    return this.#startedMs;
  }

  /** Starts it unless it is up; returns its end. */
  start(): Promise<Ending> {
    if (this.#running) return this.#running.ended;
    const running = this.#rules.launch();
    this.#running = running;
    this.#startedMs = Date.now();
    void running.ended.then((ending) => {
      if (this.#running !== running) return;
      this.#running = undefined;
      this.#rules.onOwnEnd(ending);
    });
    return running.ended;
  }

  /** Kills it with SIGKILL and waits until it is gone; false if it was not up. */
  async kill(): Promise<boolean> {
    const running = this.#running;
    if (!running) return false;
    this.#running = undefined;
    running.kill();
    await running.ended;
    return true;
  }
}
