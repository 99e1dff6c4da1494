// What the coordinator has acknowledged, as the sites and the disk know it. All of it must be there after every death, and none
// of it may be sent again.
import { PART_BYTES } from '@blindsum/proto';
import type { ProgressEvent } from '../../participant/src/session-progress.ts';
import type { BlobSizes, CoordinatorState, JournalState } from './dead-state.ts';

/** A message that the coordinator has accepted. */
interface Accepted {
  readonly round: number;
  readonly attempt: number;
  readonly type: string;
  readonly subject: string;
}

const MESSAGES: Partial<Record<ProgressEvent['event'], string>> = {
  committed: 'commitment',
  acknowledged: 'acknowledgement',
  'checksum-signed': 'checksum',
  opened: 'opening',
  attested: 'attestation',
};

/** An event of a site with the time at which the site reported it. */
export type TimedEvent = ProgressEvent & { readonly atMs: number };

export class Ledger {
  readonly #accepted = new Map<string, Accepted>();
  readonly #bytes = new Map<string, number>();
  /** What the coordinator had of an upload when one side of it died. */
  readonly #atDeath = new Map<string, { readonly atMs: number; readonly bytes: number }>();
  readonly #contributions = new Map<string, number>();
  #resentBytes = 0;
  #trainingsRepeated = 0;

  /** Acknowledged bytes that were sent again. */
  get resentBytes(): number {
    return this.#resentBytes;
  }

  /** Trainings that began although their encrypted update was on disk. */
  get trainingsRepeated(): number {
    return this.#trainingsRepeated;
  }

  /** Takes in what a site reports, in its order. */
  event(site: string, event: TimedEvent): void {
    if (event.event === 'uploading') {
      this.#contributionOnDisk(site, event, event.atMs);
      const had = this.#atDeath.get(blobOf(site, event));
      if (had && event.atMs > had.atMs) this.#resentBytes += Math.max(0, had.bytes - event.offset);
    }
    if (event.event === 'train') {
      const onDiskMs = this.#contributions.get(contributionOf(site, event));
      // The first epoch only: one training is one repetition.
      if (onDiskMs !== undefined && event.atMs > onDiskMs && event.epoch === 1) this.#trainingsRepeated++;
    }
    const type = MESSAGES[event.event];
    if (type === undefined || !('round' in event)) return;
    const subject = event.event === 'checksum-signed' ? event.subject : site;
    this.#accept({ round: event.round, attempt: event.attempt, type, subject });
  }

  /** Takes in the sizes of uploads, which never shrink while their round lasts. */
  sizes(blobs: BlobSizes): void {
    for (const [name, bytes] of blobs) this.#bytes.set(name, Math.max(bytes, this.#bytes.get(name) ?? 0));
  }

  /** Takes in the sizes after the death of the coordinator, or of the one site that is named: what begins later begins there. */
  sizesAtDeath(blobs: BlobSizes, atMs: number, site?: string): void {
    this.sizes(blobs);
    for (const [name, bytes] of blobs)
      if (site === undefined || name.includes(`/${site}.`)) this.#atDeath.set(name, { atMs, bytes });
  }

  /** Takes in the journal of a site that was killed. */
  journal(site: string, { commitments }: JournalState, atMs: number): void {
    for (const commitment of commitments) this.#contributionOnDisk(site, commitment, atMs);
  }

  /** What a coordinator's state lacks of all this, each thing in a few words. */
  missingIn({ rounds, messages, blobs }: CoordinatorState): string[] {
    const held = new Set(messages.map(keyOf));
    const lost = [...this.#accepted].filter(([key]) => !held.has(key)).map(([key]) => key);
    const settled = new Set(
      rounds
        .filter(({ phase }) => phase === 'published' || phase === 'failed')
        .map(({ round, attempt }) => `${round}-${attempt}`),
    );
    const shrunk = [...this.#bytes].filter(
      ([name, bytes]) => !settled.has(name.slice(0, name.indexOf('/'))) && (blobs.get(name) ?? 0) < bytes,
    );
    return [...lost, ...shrunk.map(([name, bytes]) => `${name}: ${blobs.get(name) ?? 0} of ${bytes} bytes`)];
  }

  #accept(message: Accepted): void {
    this.#accepted.set(keyOf(message), message);
  }

  #contributionOnDisk(site: string, place: Place, atMs: number): void {
    const key = contributionOf(site, place);
    if (!this.#contributions.has(key)) this.#contributions.set(key, atMs);
  }
}

interface Place {
  readonly round: number;
  readonly attempt: number;
}

function contributionOf(site: string, { round, attempt }: Place): string {
  return `${round}-${attempt}/${site}`;
}

function blobOf(site: string, { round, attempt, upload }: Place & { readonly upload: string }): string {
  return `${round}-${attempt}/${site}.${upload}`;
}

function keyOf({ round, attempt, type, subject }: Accepted): string {
  return `${round}-${attempt}: ${type} of ${subject}`;
}

/** True for an upload that ends in the middle: whole parts, and more to come. */
export function isPartial(bytes: number, whole: number): boolean {
  return bytes > 0 && bytes < whole && bytes % PART_BYTES === 0;
}
