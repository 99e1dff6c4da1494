// What a coordinator answers, as a site reads it.
import { fromBinary, toBinary, create } from '@bufbuild/protobuf';
import { Refusal, type Bytes } from '@blindsum/proto';
import { JobState, RoundPhase, WatchRoundResponseSchema, type WatchRoundResponse } from '@blindsum/proto/rpc';
import { parseJobSnapshot } from '../../participant/src/rpc/parse-job-snapshot.ts';
import { toPrintable } from '../../participant/src/rpc/printable.ts';
import { bytesTarget, textTarget, type FuzzTarget } from './fuzz-target.ts';

const digest = new Uint8Array(32).fill(1);
const message = { payload: Uint8Array.of(1), signature: Uint8Array.of(2) };
const ref = { job: 'test-job', round: 3, attempt: 2 };

/** A view with all that a phase may show. */
function answerIn(phase: RoundPhase): Bytes {
  const set = { setAttempt: 1, root: digest, commitments: [message] };
  const round = {
    ...{ ref, phase, baseModelHash: digest, rosterHash: digest, set, sumRoot: digest },
    ...{ committed: ['hospital-a'], proxiesWanted: ['hospital-b'], failure: 'late' },
    ...{ acknowledgements: [message], checksums: [message], openings: [message], attestations: [message] },
  };
  const answer = { version: 7n, jobState: JobState.RUNNING, round };
  return toBinary(WatchRoundResponseSchema, create(WatchRoundResponseSchema, answer));
}

/** What is no message ends as a failed call. */
function decode(input: Bytes): WatchRoundResponse {
  try {
    return fromBinary(WatchRoundResponseSchema, input);
  } catch (cause) {
    throw new Refusal('MALFORMED', 'not a message', { cause });
  }
}

const PHASES = [
  RoundPhase.COLLECTING,
  RoundPhase.SEALED,
  RoundPhase.SUMMED,
  RoundPhase.OPENING,
  RoundPhase.PUBLISHED,
  RoundPhase.FAILED,
];

export const ANSWER_TARGETS: readonly FuzzTarget[] = [
  bytesTarget('job-snapshot', PHASES.map(answerIn), (input) => parseJobSnapshot(decode(input))),
  { ...textTarget('printable', ['the reason\u0007'], toPrintable), refuses: false },
];
