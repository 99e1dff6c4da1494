// A step of a site in the trace of its round.
import { tracedInRound } from '@blindsum/proto/tracing';
import type { RoundReference } from './session/round-snapshot.ts';
import type { SiteTerms } from './session/site-terms.ts';
import type { Task } from './steps/perform.ts';

/** Runs a step; inside a span of the round that it is about, if it is about one. */
export function tracedTask<T>(
  { manifest, site }: Pick<SiteTerms, 'manifest' | 'site'>,
  task: Task,
  work: () => Promise<T>,
): Promise<T> {
  const { federation } = manifest;
  const ref = refOf(task);
  return ref ? tracedInRound({ federation, ...ref }, SPANS[task.kind], { site }, work) : work();
}

/** Names of the spans of this site in the trace of a round. */
const SPANS: Readonly<Record<Task['kind'], string>> = {
  contribute: 'contribute',
  commit: 'commit',
  'check-shares': 'verify shares',
  acknowledge: 'acknowledge',
  complain: 'complain',
  'sign-checksum': 'sign checksum',
  open: 'open at site',
  apply: 'verify and apply',
  attest: 'attest',
  'catch-up': 'catch up',
  withdraw: 'withdraw',
  'seal-checkpoint': 'seal checkpoint',
};

/** Undefined for a withdrawal, which is about the whole job. */
function refOf(task: Task): RoundReference | undefined {
  if ('round' in task) return task.round.ref;
  return 'model' in task ? task.model.ref : undefined;
}
