// What a coordinator does again and again while it runs, whoever calls.
import { patient } from './disk/patient.ts';
import type { DiskWatch } from './disk/disk-watch.ts';
import { startTickLoop, type TickLoop } from './tick-loop.ts';

const TICK_MS = 200;
const PRESENCE_MS = 5000;
const EVENTS_MS = 500;
const RETENTION_MS = 1000;
const CERTIFICATES_MS = 2000;
const TIMESTAMPS_MS = 1000;
const WITNESSES_MS = 1000;
const RELEASES_MS = 1000;
const TRAFFIC_MS = 5000;
const MINUTE_MS = 60_000;

export interface Chores {
  /** Waits for room on the disk itself. */
  readonly tick: () => Promise<void>;
  readonly presence: { look(): Promise<void> };
  readonly events: { look(): Promise<void> };
  readonly retention: { work(): Promise<void> };
  readonly certificates: { look(): Promise<void> };
  /** Where the log is stamped. */
  readonly timestamps: { look(): Promise<void> } | undefined;
  /** Each asked in a loop of its own: one that is slow holds up no other. */
  readonly witnesses: readonly { look(): Promise<void> }[];
  readonly releases: { work(): Promise<void> };
  readonly traffic: { flush(): Promise<void> };
  readonly publication: { readonly publish: () => Promise<void>; readonly minutes: number };
}

/** Starts a loop for each; an error that only a restart recovers from goes to `crash`. */
export function startLoops(
  { tick, presence, events, retention, traffic, publication, ...chores }: Chores,
  disk: DiskWatch,
  crash: (error: unknown) => void,
): TickLoop[] {
  const { certificates, timestamps, witnesses, releases } = chores;
  const repeat = (work: () => Promise<void>, intervalMs: number) =>
    startTickLoop(patient(work, disk), intervalMs, crash);
  return [
    startTickLoop(tick, TICK_MS, crash),
    repeat(() => presence.look(), PRESENCE_MS),
    repeat(() => events.look(), EVENTS_MS),
    repeat(() => retention.work(), RETENTION_MS),
    repeat(() => certificates.look(), CERTIFICATES_MS),
    ...(timestamps ? [repeat(() => timestamps.look(), TIMESTAMPS_MS)] : []),
    ...witnesses.map((witness) => repeat(() => witness.look(), WITNESSES_MS)),
    repeat(() => releases.work(), RELEASES_MS),
    repeat(() => traffic.flush(), TRAFFIC_MS),
    repeat(publication.publish, publication.minutes * MINUTE_MS),
  ];
}
