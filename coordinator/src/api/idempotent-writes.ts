// A write that is asked for again under the same key is done once, and answered as it was the first time (IETF draft
// "The Idempotency-Key HTTP Header Field"). That it was begun is durable before anything is done: after a crash in between
// nobody knows what became of it, and it is said so rather than done twice.
import { createHash } from 'node:crypto';
import { Refusal, refuseUnless, toHex, type Digest, type TrailActor } from '@blindsum/proto';
import type { Clock } from '../ports.ts';
import type { KeptAnswer, KeptWrite, WriteStore } from './write-store.ts';

export interface AskedWrite {
  readonly actor: TrailActor;
  /** 1 to 128 visible ASCII characters. */
  readonly key: string;
  readonly method: string;
  readonly url: string;
  readonly body: Uint8Array;
}

/** The answer to it, and whether it is the one that was given before. */
export interface Answered {
  readonly answer: KeptAnswer;
  readonly isRepeated: boolean;
}

export const KEPT_MS = 24 * 3_600_000;

export class IdempotentWrites {
  readonly #store: WriteStore;
  readonly #clock: Clock;
  readonly #underWay = new Map<Digest, Promise<unknown>>();

  constructor(store: WriteStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * Does it, or answers what it was answered within the last day. Throws what `act` throws: a refusal has changed nothing, so that
   * the same may be asked again. Refuses CONFLICTING_SUBMISSION for another request under the same key, for one whose outcome a
   * crash has hidden, and for one whose answer held a secret.
   */
  async once(asked: AskedWrite, act: () => Promise<KeptAnswer>): Promise<Answered> {
    const name = hash(JSON.stringify([toOwner(asked.actor), asked.key]));
    // The same again, while it is being done, waits for it.
    await this.#underWay.get(name)?.catch(() => {});
    const doing = this.#once(name, asked, act);
    this.#underWay.set(name, doing);
    try {
      return await doing;
    } finally {
      if (this.#underWay.get(name) === doing) this.#underWay.delete(name);
    }
  }

  async #once(name: Digest, asked: AskedWrite, act: () => Promise<KeptAnswer>): Promise<Answered> {
    const { method, url, body } = asked;
    const nowMs = this.#clock.nowMs();
    await this.#store.removeBefore(nowMs - KEPT_MS);
    const request = hash(`${method} ${url}\n`, body);
    const before = await this.#store.begin({ name, request, begunMs: nowMs });
    if (before) return { answer: answerBefore(before, request), isRepeated: true };
    try {
      const answer = await act();
      await this.#store.finish(name, answer);
      return { answer, isRepeated: false };
    } catch (error) {
      if (error instanceof Refusal) await this.#store.remove(name);
      throw error;
    }
  }
}

function answerBefore({ request, answer, begunMs }: KeptWrite, asked: Digest): KeptAnswer {
  refuseUnless(
    request === asked,
    'CONFLICTING_SUBMISSION',
    'another request was sent under this Idempotency-Key: take another key',
  );
  const at = new Date(begunMs).toISOString();
  if (!answer)
    throw new Refusal(
      'CONFLICTING_SUBMISSION',
      `this was begun at ${at} and interrupted, and nobody knows what became of it: look before it is asked for under another key`,
    );
  if (answer.text === undefined)
    throw new Refusal(
      'CONFLICTING_SUBMISSION',
      `this was done at ${at}, and its answer held a secret that is told once: if it was lost, revoke what was made`,
    );
  return answer;
}

/** The same as long as it is the same key, person or user, whatever is said about them. */
function toOwner(actor: TrailActor): readonly string[] {
  switch (actor.kind) {
    case 'local':
      return ['local', actor.user];
    case 'key':
      return ['key', actor.key];
    case 'person':
      return ['person', actor.issuer, actor.subject];
    case 'stranger':
    case 'coordinator':
      return [actor.kind];
  }
}

function hash(...parts: readonly (string | Uint8Array)[]): Digest {
  const digest = createHash('sha256');
  for (const part of parts) digest.update(part);
  return toHex(new Uint8Array(digest.digest())) as Digest;
}
