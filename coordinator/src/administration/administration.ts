// Administrative actions, none of which happens without an entry: what begins is durable before anything is done, and what came
// of it follows. A crash between leaves an entry that says so at the next start.
import { Refusal, toTrailText, type TrailEntry } from '@blindsum/proto';
import { createSalt, type AuditTrail, type Caller, type TrailDraft } from '../audit-trail.ts';
import type { Clock } from '../ports.ts';

/** What can be done, by name. */
export type Action =
  | 'site.admit'
  | 'site.invite'
  | 'site.revoke'
  | 'invitation.revoke'
  | 'roster.propose'
  | 'job.submit'
  | 'job.validate'
  | 'job.pause'
  | 'job.resume'
  | 'job.cancel'
  | 'key.create'
  | 'key.rotate'
  | 'key.revoke'
  | 'session.sign-in'
  | 'session.sign-out'
  | 'access.refused'
  | 'trail.export'
  | 'retention.hold'
  | 'backup.create'
  | 'record.redact'
  | 'state.restore'
  | 'trail.gap';

/** What is asked for: texts may be a stranger's. */
export interface Asked {
  readonly action: Action;
  readonly subject?: string;
  readonly detail?: string;
}

export interface Administered {
  readonly trail: Pick<AuditTrail, 'append' | 'unfinished'>;
  readonly clock: Clock;
}

const MAX_TEXT = 300;
const MAX_FROM = 100;

export class Administration {
  readonly #trail: Administered['trail'];
  readonly #clock: Clock;

  constructor({ trail, clock }: Administered) {
    this.#trail = trail;
    this.#clock = clock;
  }

  /** Does it, with an entry before and one after. Throws what `act` throws, and does not call it without the first entry. */
  async perform<T>(caller: Caller, asked: Asked, act: () => Promise<T>): Promise<T> {
    const { sequence: completes } = await this.#append(caller, asked, { outcome: 'begun' });
    let result: T;
    try {
      result = await act();
    } catch (error) {
      await this.#append(caller, asked, { ...toFailure(error), completes });
      throw error;
    }
    await this.#append(caller, asked, { outcome: 'done', completes });
    return result;
  }

  /** Writes down something that was refused before it began. */
  async refused(caller: Caller, asked: Asked, error: Refusal): Promise<void> {
    await this.#append(caller, asked, toFailure(error));
  }

  /** At start: what a crash interrupted has an outcome that nobody knows. */
  async settle(): Promise<void> {
    for (const { sequence, ...begun } of await this.#trail.unfinished()) {
      const { actor, from, action, subject, detail } = begun;
      const draft = { actor, from, action, subject, detail, code: '', ...this.#stamp() };
      await this.#trail.append({ ...draft, outcome: 'unknown', completes: sequence });
    }
  }

  #append(
    { actor, from }: Caller,
    { action, subject = '', detail = '' }: Asked,
    outcome: Pick<TrailDraft, 'outcome'> & Partial<TrailDraft>,
  ): Promise<TrailEntry> {
    return this.#trail.append({
      actor,
      from: toTrailText(from, MAX_FROM) || '?',
      action,
      subject: toTrailText(subject, MAX_TEXT),
      detail: toTrailText(detail, MAX_TEXT),
      code: '',
      completes: 0,
      ...this.#stamp(),
      ...outcome,
    });
  }

  #stamp(): { readonly atMs: number; readonly salt: string } {
    return { atMs: this.#clock.nowMs(), salt: createSalt() };
  }
}

/** The code alone: a detail may quote what was sent. */
function toFailure(error: unknown): { readonly outcome: 'refused' | 'failed'; readonly code: string } {
  return error instanceof Refusal
    ? { outcome: 'refused', code: error.code }
    : { outcome: 'failed', code: 'INTERNAL' };
}
