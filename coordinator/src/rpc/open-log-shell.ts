// What the log's service works with, out of the coordinator's state and the watching of its log.
import { createLogProofs } from '../log/log-proofs.ts';
import type { State } from '../state.ts';
import type { Witnessing } from '../witnessing/open-witnessing.ts';
import type { LogShell } from './log-service.ts';

export function openLogShell(
  { log, logFiles }: Pick<State, 'log' | 'logFiles'>,
  { checkpoints, compare }: Pick<Witnessing, 'checkpoints' | 'compare'>,
): LogShell {
  return {
    log,
    proofs: createLogProofs(logFiles, async () => (await checkpoints.published()).note),
    cosigned: checkpoints,
    compareHeld: (note, holder) => compare(note, `the site ${holder}`),
  };
}
