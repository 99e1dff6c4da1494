// What the coordinator shows to everybody over HTTP, as far as the demonstration needs it.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseManifest, toCanonicalBytes, type CanonicalValue, type Manifest } from '@blindsum/proto';
import { z } from 'zod';
import type { RoundOutcome } from './outcome.ts';

const READY_MS = 30_000;

const roundsFormat = z.object({
  rounds: z.array(
    z.object({
      round: z.int(),
      attempt: z.int(),
      kind: z.enum(['statistics', 'training', 'evaluation']),
      phase: z.string(),
      contributors: z.array(z.string()),
      leftOut: z.array(z.object({ site: z.string(), what: z.string() })),
      failure: z.object({ reason: z.string() }).nullable(),
      phases: z.array(z.object({ phase: z.string(), atMs: z.number() })),
    }),
  ),
});

const uploadsFormat = z.object({
  attempts: z.array(z.object({ uploads: z.array(z.object({ ciphertextBytes: z.int() })) })),
});

type RoundStatus = z.output<typeof roundsFormat>['rounds'][number];

/** The coordinator's status at `address` (http://host:port). */
export class CoordinatorStatus {
  readonly #address: string;

  constructor(address: string) {
    this.#address = address;
  }

  /** Waits until sites can connect; throws an Error if that takes half a minute, or once `ended` settles. */
  async waitUntilReady(ended: Promise<unknown>): Promise<void> {
    let isOver = false;
    void ended.then(
      () => (isOver = true),
      () => (isOver = true),
    );
    for (const deadline = Date.now() + READY_MS; Date.now() < deadline && !isOver; await sleep(50)) {
      const answer = await fetch(`${this.#address}/readyz`).catch(() => undefined);
      await answer?.body?.cancel();
      if (answer?.ok === true) return;
    }
    throw new Error('the coordinator did not start');
  }

  /** The manifest that the sites consented to. */
  async manifest(job: string): Promise<Manifest> {
    const { manifest } = z.object({ manifest: z.unknown() }).parse(await this.#get(`/v1/jobs/${job}`));
    return parseManifest(toCanonicalBytes(manifest as CanonicalValue));
  }

  /** What became of a job: `joining`, `running`, `finished`, `failed` and the like. */
  async jobState(job: string): Promise<string> {
    return z.object({ state: z.string() }).parse(await this.#get(`/v1/jobs/${job}`)).state;
  }

  /** What a site's consent to the job names. */
  async hashes(job: string): Promise<{ manifestHash: string; rosterHash: string }> {
    const format = z.object({ manifestHash: z.string(), rosterHash: z.string() });
    return format.parse(await this.#get(`/v1/jobs/${job}`));
  }

  /** Every attempt of every round; `metrics` are by round, as the sites attested them. */
  async rounds(job: string, metrics: ReadonlyMap<number, RoundOutcome['metrics']>): Promise<RoundOutcome[]> {
    const { rounds } = roundsFormat.parse(await this.#get(`/v1/jobs/${job}/rounds`));
    const startMs = Math.min(...rounds.flatMap(({ phases }) => phases.map(({ atMs }) => atMs)));
    return rounds.map((round) => ({
      round: round.round,
      attempt: round.attempt,
      kind: round.kind,
      state: round.phase,
      contributors: round.contributors,
      leftOut: round.leftOut,
      failure: round.failure?.reason,
      phases: toSpans(round, startMs),
      metrics: round.phase === 'published' ? (metrics.get(round.round) ?? {}) : {},
    }));
  }

  /** Bytes of the largest ciphertext in a round. */
  async ciphertextBytes(job: string, round: number): Promise<number> {
    const { attempts } = uploadsFormat.parse(await this.#get(`/v1/jobs/${job}/rounds/${round}`));
    return Math.max(
      ...attempts.flatMap(({ uploads }) => uploads.map(({ ciphertextBytes }) => ciphertextBytes)),
    );
  }

  async #get(path: string): Promise<unknown> {
    const answer = await fetch(this.#address + path);
    if (!answer.ok) throw new Error(`${path}: the coordinator answers ${answer.status}`);
    return answer.json();
  }
}

/** Each phase lasts until the next begins; the last one is the end. */
function toSpans({ phases }: RoundStatus, startMs: number): RoundOutcome['phases'] {
  return phases.slice(0, -1).map(({ phase, atMs }, i) => ({
    phase,
    startMs: atMs - startMs,
    endMs: phases[i + 1]!.atMs - startMs,
  }));
}
