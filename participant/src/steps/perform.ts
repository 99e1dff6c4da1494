// One step, done.
import type { Session } from '../session-context.ts';
import type { Step } from '../session/step.ts';
import { acknowledge, complain } from './acknowledge.ts';
import { apply } from './apply.ts';
import { attest } from './attest.ts';
import { catchUp } from './catch-up.ts';
import { checkShares } from './check-shares.ts';
import { commit } from './commit.ts';
import { contribute } from './contribute.ts';
import { openSet } from './open.ts';
import { offerCheckpoint } from './seal-checkpoint.ts';
import { signChecksum } from './sign-checksum.ts';

/** What there is to do, without waiting and the ends of a job. */
export type Task = Exclude<Step, { kind: 'wait' | 'withdrawn' | 'finished' | 'stopped' }>;

/**
 * Does what a step asks for; repeating it is harmless. Resolves to whether the coordinator was told something: otherwise the
 * next step follows from the same view. `signal` ends a training that nobody waits for, by its reason.
 */
export async function perform(session: Session, task: Task, signal?: AbortSignal): Promise<'told' | 'local'> {
  switch (task.kind) {
    case 'contribute':
      await contribute(session, task.round, signal);
      return 'local';
    case 'commit':
      await commit(session, task.round, task.commitment);
      return 'told';
    case 'check-shares':
      await checkShares(session, task.round, task.set);
      return 'local';
    case 'acknowledge':
      await acknowledge(session, task.round, task.set);
      return 'told';
    case 'complain':
      await complain(session, task);
      return 'told';
    case 'sign-checksum':
      for (const subject of task.subjects) await signChecksum(session, task, subject);
      return 'told';
    case 'open':
      await openSet(session, task, task.checksums);
      return 'told';
    case 'apply':
      await apply(session, task);
      return 'local';
    case 'attest':
      await attest(session, task);
      return 'told';
    case 'catch-up':
      await catchUp(session, task);
      return 'local';
    case 'withdraw':
      await session.coordinator.sendWithdrawal(session.terms.manifest.job, task.message);
      session.memory.isWithdrawalTold = true;
      return 'local';
    case 'seal-checkpoint':
      await offerCheckpoint(session, task.model);
      return 'told';
  }
}
