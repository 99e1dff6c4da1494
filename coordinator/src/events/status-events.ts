// Events out of what operators see: a document that is another one than before is told.
import type { JobId } from '@blindsum/proto';
import type { EventType } from '../api/documents/event.ts';
import { currentRound } from '../job-status.ts';
import type { RoundId } from '../ports.ts';
import { toRoundKey } from '../round-names.ts';
import { roundSummaryOf } from '../round-status.ts';
import { jobSummary, listSites, type StatusSource } from '../status.ts';
import type { EventSource } from './event-desk.ts';
import type { EventRing } from './event-ring.ts';
import type { Happenings, UploadProgress } from './happenings.ts';

/** Sites and the log are looked at once in so many looks: heartbeats are no hurry. */
const SLOW_LOOKS = 4;

interface Subject {
  readonly type: EventType;
  readonly name: string;
  /** It is told only if this is another one than before. */
  readonly compared: object;
}

export class StatusEvents implements EventSource {
  readonly #source: StatusSource;
  readonly #happenings: Happenings;
  /** The documents as they were told, or found at the beginning. */
  #told = new Map<string, string>();
  /** The round that each job was at. */
  #rounds = new Map<JobId, RoundId>();
  #looks = 0;

  constructor(source: StatusSource, happenings: Happenings) {
    this.#source = source;
    this.#happenings = happenings;
  }

  async begin(): Promise<void> {
    this.forget();
    const nobody = { publish: () => {} };
    await this.#lookAtSites(nobody);
    await this.#lookAtLog(nobody);
    await this.#lookAtTrail(nobody);
    for (const { job } of await this.#source.jobs.open()) await this.#lookAtJob(nobody, job);
  }

  async look(ring: Pick<EventRing, 'publish'>): Promise<void> {
    const { jobs, uploads } = this.#happenings.take();
    for (const upload of uploads) ring.publish('upload', this.#toUpload(upload));
    for (const [done, job] of jobs.entries()) {
      try {
        await this.#lookAtJob(ring, job);
      } catch (error) {
        // Looked at again with the next look: what was not told is the same then.
        for (const left of jobs.slice(done)) this.#happenings.noteJob(left);
        throw error;
      }
    }
    await this.#lookAtTrail(ring);
    if (this.#looks++ % SLOW_LOOKS !== 0) return;
    await this.#lookAtSites(ring);
    await this.#lookAtLog(ring);
  }

  forget(): void {
    this.#happenings.take();
    this.#told = new Map();
    this.#rounds = new Map();
  }

  async #lookAtSites(ring: Pick<EventRing, 'publish'>): Promise<void> {
    for (const site of await listSites(this.#source)) {
      // Every heartbeat changes when it was last seen, which would drive all else out of the ring.
      const { lastSeenMs: _, ...compared } = site;
      this.#tell(ring, { type: 'site', name: site.site, compared }, { site });
    }
  }

  async #lookAtLog(ring: Pick<EventRing, 'publish'>): Promise<void> {
    const log = await this.#source.logStatus();
    this.#tell(ring, { type: 'log', name: '', compared: log }, { log });
  }

  async #lookAtTrail(ring: Pick<EventRing, 'publish'>): Promise<void> {
    const last = await this.#source.trail.last();
    this.#tell(ring, { type: 'trail', name: '', compared: { last } }, { last });
  }

  /** With the round that it is at, and the one before, which has ended meanwhile. */
  async #lookAtJob(ring: Pick<EventRing, 'publish'>, job: JobId): Promise<void> {
    const stored = await this.#source.jobs.head(job);
    if (!stored) return;
    const [before, now] = [this.#rounds.get(job), currentRound(stored)];
    const ids = new Map([before, now].flatMap((id) => (id ? [[toRoundKey(id), id]] : [])));
    for (const [key, id] of ids) {
      const round = await roundSummaryOf(this.#source, id);
      if (!round) continue;
      // Bytes grow with every part of an upload, which has events of its own.
      const { traffic: _, ...compared } = round;
      this.#tell(ring, { type: 'round', name: key, compared }, { round });
    }
    if (now) this.#rounds.set(job, now);
    const summary = await jobSummary(this.#source, job);
    this.#tell(ring, { type: 'job', name: job, compared: summary }, { job: summary });
  }

  #tell(ring: Pick<EventRing, 'publish'>, { type, name, compared }: Subject, data: object): void {
    const [key, text] = [`${type} ${name}`, JSON.stringify(compared)];
    if (this.#told.get(key) === text) return;
    this.#told.set(key, text);
    ring.publish(type, { atMs: this.#source.clock.nowMs(), ...data });
  }

  #toUpload({ target, bytes }: UploadProgress) {
    const { id, kind, owner, size } = target;
    return { atMs: this.#source.clock.nowMs(), ...id, site: owner, kind, bytes, ofBytes: size };
  }
}
