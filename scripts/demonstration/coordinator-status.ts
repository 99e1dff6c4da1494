// What the coordinator shows over HTTPS to those who have a key, as far as the demonstration needs it.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseManifest, toCanonicalBytes, type CanonicalValue, type Manifest } from '@blindsum/proto';
import { trustAuthorityFile } from '@blindsum/proto/node';
import { z } from 'zod';
import { answerOf } from '@blindsum/admin-client';
import { connectSocket } from '../../coordinator/src/admin/admin-transport.ts';
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

/** The coordinator's status at `address` (https://host:port), asked for with a key that its operator makes. */
export class CoordinatorStatus {
  readonly #address: string;
  readonly #stateDirectory: string;
  #isTrusted = false;
  #credential: string | undefined;

  constructor(address: string, stateDirectory: string) {
    this.#address = address;
    this.#stateDirectory = stateDirectory;
  }

  /** Waits until sites can connect; throws an Error if that takes half a minute, or once `ended` settles. */
  async waitUntilReady(ended: Promise<unknown>): Promise<void> {
    let isOver = false;
    void ended.then(
      () => (isOver = true),
      () => (isOver = true),
    );
    for (const deadline = Date.now() + READY_MS; Date.now() < deadline && !isOver; await sleep(50)) {
      const answer = await this.#ask('/readyz').catch(() => undefined);
      await answer?.body?.cancel();
      if (answer?.ok === true) return;
    }
    throw new Error('the coordinator did not start');
  }

  /** The manifest that the sites consented to. */
  async manifest(job: string): Promise<Manifest> {
    const { manifest } = z.object({ manifest: z.unknown() }).parse(await this.read(`/v1/jobs/${job}`));
    return parseManifest(toCanonicalBytes(manifest as CanonicalValue));
  }

  /** What became of a job: `joining`, `running`, `finished`, `failed` and the like. */
  async jobState(job: string): Promise<string> {
    return z.object({ state: z.string() }).parse(await this.read(`/v1/jobs/${job}`)).state;
  }

  /** What a site's consent to the job names. */
  async hashes(job: string): Promise<{ manifestHash: string; rosterHash: string }> {
    const format = z.object({ manifestHash: z.string(), rosterHash: z.string() });
    return format.parse(await this.read(`/v1/jobs/${job}`));
  }

  /** Every attempt of every round; `metrics` are by round, as the sites attested them. */
  async rounds(job: string, metrics: ReadonlyMap<number, RoundOutcome['metrics']>): Promise<RoundOutcome[]> {
    const { rounds } = roundsFormat.parse(await this.read(`/v1/jobs/${job}/rounds`));
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
    const { attempts } = uploadsFormat.parse(await this.read(`/v1/jobs/${job}/rounds/${round}`));
    return Math.max(
      ...attempts.flatMap(({ uploads }) => uploads.map(({ ciphertextBytes }) => ciphertextBytes)),
    );
  }

  /** Seconds until records of jobs and rounds were durable in the log, all together. */
  async logSeconds(): Promise<number> {
    const text = await this.readText('/metrics');
    const [, sum] = /^blindsum_log_append_seconds_sum ([0-9.e-]+)$/m.exec(text) ?? [];
    if (sum === undefined) throw new Error('/metrics: the coordinator does not say how long the log took');
    return Number(sum);
  }

  /** Throws an Error unless the answer is one. */
  async read(path: string): Promise<unknown> {
    return (await this.#answer(path)).json();
  }

  /** Throws an Error unless the answer is one. */
  async readText(path: string): Promise<string> {
    return (await this.#answer(path)).text();
  }

  async #answer(path: string): Promise<Response> {
    this.#credential ??= await this.#makeKey();
    const answer = await this.#ask(path, { authorization: `Bearer ${this.#credential}` });
    if (!answer.ok) throw new Error(`${path}: the coordinator answers ${answer.status}`);
    return answer;
  }

  /** The authority is made at the coordinator's first start. */
  async #ask(path: string, headers: Record<string, string> = {}): Promise<Response> {
    if (!this.#isTrusted)
      await trustAuthorityFile(join(this.#stateDirectory, 'identity/authority.pem'), 'authority');
    this.#isTrusted = true;
    return fetch(this.#address + path, { headers });
  }

  async #makeKey(): Promise<string> {
    const admin = connectSocket(join(this.#stateDirectory, 'admin.sock'));
    const made = await answerOf(admin.POST('/v1/keys', { body: { name: 'status', scope: 'read' } }));
    return made.credential;
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
