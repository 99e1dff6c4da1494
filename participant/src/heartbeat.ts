// Tells operators that the site is there and what it does. Nothing depends on it, so its failures are nobody's concern.
import type { Clock, Coordinator, SiteStatus } from './ports.ts';
import type { ProgressEvent, Report } from './session-progress.ts';

const RETRY_MS = 15_000;
const BACKENDS: Readonly<Record<string, string>> = {
  'native-gpu': 'gpu',
  'native-cpu': 'node',
  wasm: 'wasm',
  cpu: 'cpu',
};

/** Follows progress events, and sends the latest status at the interval that the coordinator asks for. */
export class Heartbeat {
  #status: SiteStatus;

  constructor(version: string) {
    this.#status = { version, backend: '', activity: 'idle', permille: 0 };
  }

  /** Receives the events that `report` receives. */
  following(report: Report): Report {
    return (event) => {
      this.#status = { ...this.#status, ...changeOf(event) };
      report(event);
    };
  }

  async run(coordinator: Coordinator, clock: Clock, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const answer = await coordinator.heartbeat(this.#status).catch(() => undefined);
      await clock.sleep(answer?.intervalMs ?? RETRY_MS);
    }
  }
}

function changeOf(event: ProgressEvent): Partial<SiteStatus> {
  switch (event.event) {
    case 'phase':
      return { activity: event.phase, permille: 0 };
    case 'train':
      return { activity: 'training', permille: Math.floor((1000 * event.epoch) / event.epochs) };
    case 'trained':
      return { activity: 'encrypting', permille: 0, backend: BACKENDS[event.backend] ?? '' };
    case 'encrypted':
      return { activity: 'uploading', permille: 0 };
    case 'committed':
      return { activity: 'committed', permille: 0 };
    case 'finished':
    case 'stopped':
      return { activity: 'idle', permille: 0 };
    default:
      return {};
  }
}
