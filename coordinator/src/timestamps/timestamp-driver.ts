// Has the log's tree stamped by an authority elsewhere, now and then: before that time, the tree was there. The order is: keep the
// response, log the anchor, note when. What a crash interrupts is done again; at worst one timestamp more is asked for. An authority
// that fails costs nothing but the timestamp: rounds go on, operators are warned, and it is asked again.
import { parseUtf8, Refusal, sha256, toHex, utf8, type Bytes } from '@blindsum/proto';
import { encodeCheckpoint, toTimestampPath } from '@blindsum/proto/tlog';
import type { LogStore } from '../log/log-store.ts';
import type { Log } from '../log/sequencer.ts';
import type { Clock } from '../ports.ts';
import type { TimestampAuthority } from './timestamp-authority.ts';
import { toTokenDigest } from './timestamp-response.ts';

/** Milliseconds since 1970 of the latest timestamp, by the authority's clock, in decimal. */
const LATEST = 'timestamps/latest';
/** Time between two attempts while the authority fails. */
const RETRY_MS = 600_000;

export interface TimestampStatus {
  readonly state: 'ok' | 'failing';
  /** Of the latest timestamp; null before the first. */
  readonly latestMs: number | null;
  /** The refusal of the last attempt, if it failed. */
  readonly reason: string | null;
}

export interface Timestamping {
  readonly log: Pick<Log, 'append' | 'latest'>;
  /** Where the log's files are. */
  readonly files: Pick<LogStore, 'read' | 'create' | 'replace'>;
  readonly origin: string;
  readonly authority: TimestampAuthority;
  readonly clock: Clock;
  readonly everyMs: number;
  /** Told of each attempt. */
  readonly report: (failure: Refusal | undefined) => void;
}

export class TimestampDriver {
  readonly #parts: Timestamping;
  #latestMs: number | undefined;
  #isRequested = false;
  #failure: { readonly atMs: number; readonly reason: string } | undefined;

  private constructor(parts: Timestamping, latestMs: number | undefined) {
    this.#parts = parts;
    this.#latestMs = latestMs;
  }

  static async open(parts: Timestamping): Promise<TimestampDriver> {
    const noted = await parts.files.read(LATEST);
    return new TimestampDriver(parts, noted && Number(parseUtf8(noted, LATEST)));
  }

  /** Asks for a timestamp at the next look, whenever the last one was. */
  request(): void {
    this.#isRequested = true;
  }

  get status(): TimestampStatus {
    const { reason = null } = this.#failure ?? {};
    return { state: this.#failure ? 'failing' : 'ok', latestMs: this.#latestMs ?? null, reason };
  }

  /** Takes a timestamp if one is due. Throws what is wrong with the log or the disk; an authority that fails is only reported. */
  async look(): Promise<void> {
    if (!this.#isDue()) return;
    this.#isRequested = false;
    const stamped = await this.#stamp();
    if (!stamped) {
      this.#isRequested = true;
      return;
    }
    const { size, root, response, timeMs } = stamped;
    const token = toTokenDigest(response);
    await this.#parts.log.append({ kind: 'anchor', predicate: { size, root: toHex(root), token } });
    await this.#parts.files.replace(LATEST, utf8(String(timeMs)));
    this.#latestMs = timeMs;
  }

  #isDue(): boolean {
    const { clock, everyMs } = this.#parts;
    const nowMs = clock.nowMs();
    if (this.#failure) return nowMs - this.#failure.atMs >= RETRY_MS;
    return this.#isRequested || this.#latestMs === undefined || nowMs - this.#latestMs >= everyMs;
  }

  /** The tree as it is, stamped, with the response kept; undefined if the authority fails. */
  async #stamp() {
    const { log, origin } = this.#parts;
    const { size, root } = log.latest();
    const digest = sha256(utf8(encodeCheckpoint({ origin, size: BigInt(size), root })));
    try {
      const stamped = await this.#stampOnce(toTimestampPath(size), digest);
      this.#failure = undefined;
      this.#parts.report(undefined);
      return { size, root, ...stamped };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#failure = { atMs: this.#parts.clock.nowMs(), reason: error.message };
      this.#parts.report(error);
      return undefined;
    }
  }

  /** A response that is kept already stays: the log may name it. */
  async #stampOnce(path: string, digest: Bytes) {
    const { files, authority } = this.#parts;
    const kept = await files.read(path);
    if (kept) return { response: kept, ...authority.open(kept, digest) };
    const stamped = await authority.stamp(digest);
    await files.create(path, stamped.response);
    return stamped;
  }
}
