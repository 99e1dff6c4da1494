// From the coordinator's answer to a snapshot. Refuses MALFORMED whatever a coordinator of this protocol cannot say.
import {
  DIGEST_BYTES,
  MAX_SITES,
  parseJobId,
  parseSiteId,
  Refusal,
  refuseUnless,
  toHex,
  type Bytes,
  type Digest,
  type SignedMessage,
} from '@blindsum/proto';
import {
  JobState,
  RoundPhase,
  type CheckpointView,
  type RoundView,
  type SealedSet,
  type WatchRoundResponse,
} from '@blindsum/proto/rpc';
import type {
  CheckpointSnapshot,
  JobSnapshot,
  RoundReference,
  RoundSnapshot,
  SealedSetSnapshot,
} from '../session/round-snapshot.ts';
import { toPrintable } from './printable.ts';

/** Members, and the messages of each about every set that an attempt seals. */
const MAX_MESSAGES = 16 * MAX_SITES;

export function parseJobSnapshot(response: WatchRoundResponse): JobSnapshot {
  const { checkpoint } = response;
  return { ...parseJob(response), ...(checkpoint && { checkpoint: parseCheckpoint(checkpoint) }) };
}

function parseJob({ version, jobState, round, failure }: WatchRoundResponse): JobSnapshot {
  const state = parseJobState(jobState);
  switch (state) {
    case 'joining':
      return { version, state };
    case 'queued':
    case 'paused':
    case 'running':
    case 'finished':
      return { version, state, round: round && parseRound(round) };
    case 'failed':
    case 'cancelled':
      return { version, state, failure: toPrintable(failure) };
  }
}

export function parseJobState(state: JobState): JobSnapshot['state'] {
  switch (state) {
    case JobState.JOINING:
      return 'joining';
    case JobState.RUNNING:
      return 'running';
    case JobState.FINISHED:
      return 'finished';
    case JobState.FAILED:
      return 'failed';
    case JobState.QUEUED:
      return 'queued';
    case JobState.PAUSED:
      return 'paused';
    case JobState.CANCELLED:
      return 'cancelled';
    default:
      throw malformed('job state');
  }
}

function parseRound(view: RoundView): RoundSnapshot {
  const announced = {
    ref: parseRef(view.ref),
    rosterHash: parseDigestBytes(view.rosterHash, 'roster'),
    baseModelHash: parseDigestBytes(view.baseModelHash, 'base model'),
  };
  switch (view.phase) {
    case RoundPhase.COLLECTING:
      return {
        ...announced,
        phase: 'collecting',
        committed: parseSites(view.committed),
        barred: parseSites(view.barred),
      };
    case RoundPhase.SEALED:
      return { ...announced, phase: 'sealed', ...parseSealed(view) };
    case RoundPhase.SUMMED:
      return {
        ...announced,
        phase: 'summed',
        ...parseSummed(view),
        proxiesWanted: parseSites(view.proxiesWanted),
      };
    case RoundPhase.OPENING:
      return { ...announced, phase: 'opening', ...parseOpened(view) };
    case RoundPhase.PUBLISHED:
      return { ...announced, phase: 'published', ...parseOpened(view) };
    case RoundPhase.FAILED:
      return { ...announced, phase: 'failed', failure: toPrintable(view.failure) };
    default:
      throw malformed('phase');
  }
}

function parseCheckpoint(view: CheckpointView): CheckpointSnapshot {
  const [offer] = parseMessages(view.offer ? [view.offer] : [], 'checkpoints');
  return {
    ref: parseRef(view.ref),
    baseModelHash: parseDigestBytes(view.baseModelHash, 'base model of a checkpoint'),
    modelHash: parseDigestBytes(view.modelHash, 'model of a checkpoint'),
    rosterHash: parseDigestBytes(view.rosterHash, 'roster of a checkpoint'),
    sealedFor: parseDigestBytes(view.sealedForRosterHash, 'recipients of a checkpoint'),
    attestations: parseMessages(view.attestations, 'attestations'),
    asked: view.asked === '' ? undefined : parseSiteId(view.asked),
    offer,
  };
}

function parseRef(ref: RoundView['ref']): RoundReference {
  if (ref === undefined) throw malformed('reference');
  refuseUnless(ref.attempt >= 1, 'MALFORMED', 'round view: attempt');
  return { job: parseJobId(ref.job), round: ref.round, attempt: ref.attempt };
}

function parseSealed(view: RoundView) {
  return {
    set: parseSet(view.set),
    acknowledgements: parseMessages(view.acknowledgements, 'acknowledgements'),
  };
}

function parseSummed(view: RoundView) {
  return {
    ...parseSealed(view),
    sumRoot: parseDigestBytes(view.sumRoot, 'sum root'),
    checksums: parseMessages(view.checksums, 'checksums'),
  };
}

function parseOpened(view: RoundView) {
  return {
    ...parseSummed(view),
    openings: parseMessages(view.openings, 'openings'),
    attestations: parseMessages(view.attestations, 'attestations'),
  };
}

function parseSet(set: SealedSet | undefined): SealedSetSnapshot {
  if (set === undefined) throw malformed('set');
  refuseUnless(set.setAttempt >= 1, 'MALFORMED', 'round view: set attempt');
  refuseUnless(set.commitments.length <= MAX_SITES, 'MALFORMED', 'round view: more commitments than sites');
  return {
    setAttempt: set.setAttempt,
    root: parseDigestBytes(set.root, 'set root'),
    commitments: parseMessages(set.commitments, 'commitments'),
  };
}

function parseMessages(messages: readonly SignedMessage[], what: string): SignedMessage[] {
  refuseUnless(messages.length <= MAX_MESSAGES, 'MALFORMED', `round view: too many ${what}`);
  return messages.map(({ payload, signature }) => ({ payload, signature }));
}

function parseSites(names: readonly string[]) {
  refuseUnless(names.length <= MAX_SITES, 'MALFORMED', 'round view: too many sites');
  return names.map(parseSiteId);
}

function parseDigestBytes(bytes: Bytes, what: string): Digest {
  refuseUnless(
    bytes.length === DIGEST_BYTES,
    'MALFORMED',
    `round view: ${what} is not ${DIGEST_BYTES} bytes`,
  );
  return toHex(bytes) as Digest;
}

function malformed(what: string): Refusal {
  return new Refusal('MALFORMED', `round view: ${what} is missing or unknown`);
}
