// The words for what the coordinator says in codes. One table each, complete by type, so that a new state does not go unworded.
import type { FailureReason, JobState, RoundKind, RoundPhase } from './documents.ts';

/** How much attention something deserves; colours and marks follow from it, and a word always stands beside them. */
export type Tone = 'good' | 'busy' | 'wait' | 'warn' | 'bad' | 'quiet';

interface Worded {
  readonly word: string;
  readonly tone: Tone;
}

export const JOB_STATES: Readonly<Record<JobState, Worded & { readonly meaning: string }>> = {
  joining: { word: 'Joining', tone: 'wait', meaning: 'waits for enough sites to consent' },
  queued: { word: 'Queued', tone: 'wait', meaning: 'waits for a place among the running jobs' },
  paused: { word: 'Paused', tone: 'warn', meaning: 'stands between two rounds until it is resumed' },
  starting: { word: 'Starting', tone: 'busy', meaning: 'its first round is being prepared' },
  resuming: { word: 'Resuming', tone: 'busy', meaning: 'its next round is being prepared' },
  running: { word: 'Running', tone: 'busy', meaning: 'a round is under way' },
  pausing: { word: 'Pausing', tone: 'warn', meaning: 'ends its round first' },
  cancelling: { word: 'Cancelling', tone: 'warn', meaning: 'ends its round first' },
  finished: { word: 'Finished', tone: 'good', meaning: 'every round is published' },
  failed: { word: 'Failed', tone: 'bad', meaning: 'ended without a final model' },
  cancelled: { word: 'Cancelled', tone: 'quiet', meaning: 'ended by an operator' },
};

export const PHASES: Readonly<Record<RoundPhase, Worded & { readonly meaning: string }>> = {
  collecting: { word: 'Collecting', tone: 'busy', meaning: 'Sites train, encrypt and upload their updates.' },
  sealed: {
    word: 'Sealing',
    tone: 'busy',
    meaning: 'The set of updates is fixed and logged; its sites acknowledge it.',
  },
  summed: { word: 'Checking', tone: 'busy', meaning: 'Ciphertexts are added; every site checks the sum.' },
  opening: {
    word: 'Opening',
    tone: 'busy',
    meaning: 'Sites open the sum together, apply it, and attest the model.',
  },
  published: { word: 'Published', tone: 'good', meaning: 'The new model is attested and in the log.' },
  failed: { word: 'Failed', tone: 'bad', meaning: 'The attempt ended without a result.' },
};

/** The phases an attempt goes through, in order. */
export const PHASE_ORDER = ['collecting', 'sealed', 'summed', 'opening'] as const;

export const KINDS: Readonly<Record<RoundKind, string>> = {
  statistics: 'Column statistics',
  training: 'Training',
  evaluation: 'Evaluation',
};

/** Why a site is not in a set, or what was missed of it when a round failed; of one site as well as of many. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  late: 'update too late',
  'late-before': 'late in an earlier round, and refused since',
  'bad-share': 'bad key share, of which a member complained',
  'no-consent': 'no consent to the job',
  withdrawn: 'consent withdrawn',
  revoked: 'certificate revoked',
  'no commitment': 'no update in time',
  'no acknowledgement': 'set not acknowledged in time',
  'no checksum': 'sum not checked in time',
  'no opening': 'no share of the opening in time',
};

/** What is awaited of a site; of one as well as of many. */
const AWAITED: Readonly<Record<string, string>> = {
  commitment: 'update',
  acknowledgement: 'acknowledgement of the set',
  checksum: 'check of the sum',
  opening: 'share of the opening',
  attestation: 'word on the model',
};

/** Why a round or a job failed. */
const FAILURES: Readonly<Record<FailureReason, string>> = {
  TOO_FEW_CONTRIBUTORS: 'Too few updates came in.',
  TOO_FEW_ACKNOWLEDGEMENTS: 'Too few sites acknowledged the set.',
  CHECKSUM_MISSING: 'A site did not say whether the sum is right.',
  CHECKSUM_MISMATCH: 'The sum is not that of the updates: nothing was opened.',
  TOO_FEW_OPENINGS: 'Too few sites opened the sum.',
  TOO_FEW_ATTESTATIONS: 'Too few sites attested the model.',
  MODEL_DISAGREEMENT: 'Sites computed different models.',
  CANCELLED: 'An operator cancelled the job.',
};

export function leftOutWord(what: string): string {
  // Of a round that failed, with why it did.
  const [, code = '', rest = what] = /^([A-Z_]+): (.*)$/.exec(what) ?? [];
  const word = LEFT_OUT[rest] ?? rest;
  return code === '' ? word : `${word}: ${lowerFirst(failureWord(code))}`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

export function awaitedWord(what: string): string {
  return AWAITED[what] ?? what;
}

export function failureWord(reason: string): string {
  // Of a job, the round comes first.
  const code = /^(?:round \d+: )?([A-Z_]+)/.exec(reason)?.[1] ?? '';
  return isFailure(code) ? FAILURES[code] : reason;
}

function isFailure(code: string): code is FailureReason {
  return Object.hasOwn(FAILURES, code);
}

/** What a site says it does: its work, or else the phase that its round is in. */
const ACTIVITIES: Readonly<Record<string, string>> = {
  committed: 'waiting for the others',
  collecting: 'preparing its update',
  sealed: 'acknowledging the set',
  summed: 'checking the sum',
  opening: 'opening the sum',
  published: 'done with its round',
  failed: 'its round failed',
};

/** A site says this itself: what it says is shown, and not believed. */
export function activityWord(activity: string, permille: number): string {
  if (activity === '') return 'nothing reported';
  const word = ACTIVITIES[activity] ?? activity;
  return permille > 0 ? `${word}, ${Math.round(permille / 10)} %` : word;
}
