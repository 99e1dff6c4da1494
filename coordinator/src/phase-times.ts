// When each attempt entered each phase, as this process saw it: for operators and metrics, not for the protocol, so it lives in
// memory only. After a restart the phase under way is timed from the restart.
import type { RoundId, StoredRound } from './ports.ts';
import { toRoundKey } from './round-names.ts';
import type { Round } from './round/round.ts';

export type Phase = Round['phase'];

export interface PhaseStart {
  readonly phase: Phase;
  readonly atMs: number;
}

/** An attempt that entered a phase, and the phase it left, if that was seen. */
export interface PhaseChange {
  readonly stored: StoredRound;
  readonly left: { readonly phase: Phase; readonly milliseconds: number } | undefined;
}

/** Attempts remembered: the oldest are forgotten first. */
const MAX_ATTEMPTS = 4096;

export class PhaseTimes {
  readonly #starts = new Map<string, PhaseStart[]>();
  readonly #changed: (change: PhaseChange) => void;

  /** `changed` is told once about each change that is seen. */
  constructor(changed: (change: PhaseChange) => void = () => {}) {
    this.#changed = changed;
  }

  /** Takes note of an attempt's state; seeing one again changes nothing. */
  observe(stored: StoredRound, nowMs: number): void {
    const { id, round } = stored;
    const starts = this.#starts.get(toRoundKey(id)) ?? this.#remember(id);
    const last = starts.at(-1);
    if (last?.phase === round.phase) return;
    starts.push({ phase: round.phase, atMs: nowMs });
    const left = last && { phase: last.phase, milliseconds: nowMs - last.atMs };
    this.#changed({ stored, left });
  }

  /** The phases of an attempt in the order in which they began; empty if none was seen. */
  of(id: RoundId): readonly PhaseStart[] {
    return this.#starts.get(toRoundKey(id)) ?? [];
  }

  #remember(id: RoundId): PhaseStart[] {
    const starts: PhaseStart[] = [];
    this.#starts.set(toRoundKey(id), starts);
    const oldest = this.#starts.keys().next();
    if (this.#starts.size > MAX_ATTEMPTS && !oldest.done) this.#starts.delete(oldest.value);
    return starts;
  }
}
