// What `run --until-finished` ends with. How the job ended was told as it did.
import { EXIT, Refusal, REFUSAL_CODES, type ExitStatus, type RefusalCode } from '@blindsum/proto';
import type { SessionEnd } from '../session-driver.ts';

/**
 * 1 for a job that did not finish though nothing is wrong here: it was cancelled, or the site withdrew from it. Refuses with the code
 * of what stopped the job where there is one.
 */
export function endedJobStatus(end: SessionEnd): ExitStatus {
  if (end.kind === 'finished') return EXIT.ok;
  if (end.kind !== 'stopped') return EXIT.failed;
  const code = end.refusal?.code ?? codeIn(end.reason);
  if (code === undefined) return EXIT.failed;
  throw new Refusal(code, `the job stopped: ${end.reason}`);
}

/** The coordinator's reason names the code of its failure, if it is one that sites know. */
function codeIn(reason: string): RefusalCode | undefined {
  return REFUSAL_CODES.find((code) => reason.includes(`${code}: `));
}
