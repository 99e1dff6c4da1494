// Has one stand-alone witness cosign the log: each checkpoint it has not seen, and now and then the same one again, which says that
// the log is alive. A witness that fails costs nothing but its cosignature: rounds go on, operators are warned, it is asked again.
import { Refusal, type Bytes } from '@blindsum/proto';
import {
  createTileReader,
  knownLines,
  parseCosignatures,
  parseNote,
  toTilePath,
  type NoteKey,
  type UnverifiedNote,
} from '@blindsum/proto/tlog';
import type { LogStore } from '../log/log-store.ts';
import type { Clock } from '../ports.ts';
import type { CosignedCheckpoints, PublishedCheckpoint } from './cosigned-checkpoints.ts';
import type { WitnessClient } from './witness-client.ts';

/** Time between two attempts while the witness fails. */
const RETRY_MS = 30_000;
/** A witness that names another size each time is none. */
const MAX_ANSWERS = 3;

export interface WitnessParts {
  readonly name: string;
  /** Of its cosignatures. */
  readonly key: NoteKey;
  readonly client: WitnessClient;
  readonly logKey: NoteKey;
  readonly files: Pick<LogStore, 'read'>;
  readonly checkpoints: Pick<CosignedCheckpoints, 'published' | 'add'>;
  readonly clock: Clock;
  readonly heartbeatMs: number;
  /** Told of each attempt. */
  readonly report: (failure: Refusal | undefined) => void;
  /** Compares a checkpoint that the witness holds with the log; refuses one that the log does not begin with. */
  readonly compare: (note: Bytes) => Promise<void>;
}

export interface WitnessStatus {
  readonly name: string;
  readonly state: 'ok' | 'failing' | 'waiting';
  /** Entries that it has cosigned since this process began. */
  readonly size: number;
  /** When it last did; null before. */
  readonly cosignedMs: number | null;
  /** The refusal of the last attempt, if it failed. */
  readonly reason: string | null;
}

export class WitnessDriver {
  readonly #parts: WitnessParts;
  /** What the witness says to have seen. */
  #seen = 0n;
  #cosigned: { readonly size: number; readonly atMs: number } | undefined;
  #failure: { readonly atMs: number; readonly reason: string } | undefined;

  constructor(parts: WitnessParts) {
    this.#parts = parts;
  }

  get status(): WitnessStatus {
    const { size = 0, atMs = null } = this.#cosigned ?? {};
    const reason = this.#failure?.reason ?? null;
    const state = this.#failure ? 'failing' : this.#cosigned ? 'ok' : 'waiting';
    return { name: this.#parts.name, state, size, cosignedMs: atMs, reason };
  }

  /** Asks if it is time to. Throws what is wrong with the log, the disk or the database; a witness that fails is only reported. */
  async look(): Promise<void> {
    const { clock, checkpoints, report } = this.#parts;
    const nowMs = clock.nowMs();
    if (this.#failure && nowMs - this.#failure.atMs < RETRY_MS) return;
    const latest = await checkpoints.published();
    if (!this.#failure && !this.#isDue(latest.size, nowMs)) return;
    try {
      await this.#ask(latest);
      this.#cosigned = { size: latest.size, atMs: nowMs };
      this.#failure = undefined;
      report(undefined);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#failure = { atMs: nowMs, reason: error.message };
      report(error);
    }
  }

  #isDue(size: number, nowMs: number): boolean {
    if (!this.#cosigned || this.#cosigned.size < size) return true;
    return nowMs - this.#cosigned.atMs >= this.#parts.heartbeatMs;
  }

  async #ask(latest: PublishedCheckpoint): Promise<void> {
    const { client, checkpoints, key, logKey } = this.#parts;
    const note = ownLines(parseNote(latest.note), logKey);
    for (let answers = 0; answers < MAX_ANSWERS; answers++) {
      const oldSize = this.#seen;
      const answer = await client.addCheckpoint({ oldSize, proof: await this.#proofFrom(latest), note });
      if (answer.kind === 'cosigned') {
        // Lines of other witnesses are no answer of this one.
        knownLines({ ...note, signatures: parseCosignatures(answer.lines) }, [key]);
        await checkpoints.add(latest.size, answer.lines);
        this.#seen = BigInt(latest.size);
        return;
      }
      if (answer.size > BigInt(latest.size)) return this.#refuseAhead(answer.size);
      this.#seen = answer.size;
    }
    throw new Refusal('MALFORMED', 'the witness names another size each time');
  }

  /** The consistency proof from what the witness has seen. */
  async #proofFrom({ size, root }: PublishedCheckpoint) {
    const { files } = this.#parts;
    if (this.#seen === 0n) return [];
    const tiles = createTileReader({ size: BigInt(size), root }, (tile) => files.read(toTilePath(tile)));
    return tiles.consistency({ size: this.#seen, root: await tiles.rootOf(this.#seen) });
  }

  /** Its word alone stops nothing. */
  async #refuseAhead(size: bigint): Promise<never> {
    this.#seen = 0n;
    const held = await this.#parts.client.lastSeen(this.#parts.logKey.name);
    if (held) await this.#parts.compare(held);
    throw new Refusal('BAD_CHECKPOINT', `the witness says that it has seen ${size} entries, and shows none`);
  }
}

/** The note with the log's signature alone: whether others cosigned is no business of a witness. */
function ownLines({ text, signatures }: UnverifiedNote, { name }: NoteKey): UnverifiedNote {
  return { text, signatures: signatures.filter((line) => line.name === name) };
}
