import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobId, SiteId } from '@blindsum/proto';
import type { BlobKind, JobHead, JobStatus, StoredBlob, StoredRound } from '../ports.ts';
import { COLLECTING, FAILED, PUBLISHED } from '../round/sample-rounds.fixture.ts';
import type { Round } from '../round/round.ts';
import { keptAttempts, removableBlobs, type RetentionRules } from './removable-blobs.ts';

const JOB = 'job-1' as JobId;
const ALL: RetentionRules = { publishedRounds: Infinity, failedAttempts: Infinity };
const OPENED: Round = { ...(FAILED as Extract<Round, { phase: 'failed' }>), mayHaveOpened: true };
const RUNNING = (round: number, attempt = 1): JobStatus => ({
  state: 'running',
  current: { job: JOB, round, attempt },
  lastRecord: '',
});

function attempt(round: number, number: number, state: Round, owed: StoredRound['owed'] = []): StoredRound {
  return {
    id: { job: JOB, round, attempt: number },
    version: 1,
    round: state,
    owed,
    startedMs: 0,
  };
}

/** Two blobs for each attempt, by a contributor. */
function blobsOf(
  rounds: readonly StoredRound[],
  kinds: readonly BlobKind[] = ['ciphertext', 'sum'],
): StoredBlob[] {
  return rounds.flatMap(({ id }) =>
    kinds.map((kind) => ({ name: { id, kind, owner: 'a' as SiteId }, bytes: 5 })),
  );
}

/** What goes, as `round-attempt` of ciphertexts. */
function gone(status: JobStatus, rounds: readonly StoredRound[], rules: Partial<RetentionRules>): string[] {
  const head: JobHead = { job: JOB, version: 1, status, submittedMs: 0 };
  const { names } = removableBlobs({ head, rounds, blobs: blobsOf(rounds) }, { ...ALL, ...rules });
  return names.filter(({ kind }) => kind === 'ciphertext').map(({ id }) => `${id.round}-${id.attempt}`);
}

const HISTORY = [
  attempt(0, 1, PUBLISHED),
  attempt(1, 1, FAILED),
  attempt(1, 2, PUBLISHED),
  attempt(2, 1, FAILED),
  attempt(2, 2, FAILED),
  attempt(2, 3, PUBLISHED),
  attempt(3, 1, COLLECTING),
];

test('the latest published rounds and failed attempts are kept, as many as the rules say, and older ones go', () => {
  const running = RUNNING(3);
  assert.deepEqual(gone(running, HISTORY, {}), []);
  assert.deepEqual(gone(running, HISTORY, { publishedRounds: 3 }), []);
  assert.deepEqual(gone(running, HISTORY, { publishedRounds: 2 }), ['0-1']);
  assert.deepEqual(gone(running, HISTORY, { publishedRounds: 1 }), ['0-1', '1-2']);
  assert.deepEqual(gone(running, HISTORY, { failedAttempts: 2 }), ['1-1']);
  assert.deepEqual(gone(running, HISTORY, { failedAttempts: 0 }), ['1-1', '2-1', '2-2']);
});

test('the last published round is kept whatever the rules say: slower sites still apply it', () => {
  assert.deepEqual(gone(RUNNING(3), HISTORY, { publishedRounds: 0 }), ['0-1', '1-2']);
});

test('the attempt a job is at or goes on from is not touched, and none that still owes something', () => {
  const failed = [attempt(0, 1, FAILED)];
  assert.deepEqual(gone(RUNNING(0), failed, { failedAttempts: 0 }), []);
  const after = { last: { job: JOB, round: 0, attempt: 1 } } as Extract<
    JobStatus,
    { state: 'resuming' }
  >['after'];
  assert.deepEqual(gone({ state: 'resuming', after }, failed, { failedAttempts: 0 }), []);
  const owing = [attempt(0, 1, FAILED, [{ kind: 'log-failed' }]), attempt(0, 2, COLLECTING)];
  assert.deepEqual(gone(RUNNING(0, 2), owing, { failedAttempts: 0 }), []);
  assert.deepEqual(gone(RUNNING(0, 2), [attempt(0, 1, FAILED), owing[1]!], { failedAttempts: 0 }), ['0-1']);
});

test('of a job that failed, what its owners have to resolve is kept', () => {
  const status = (round: Round): [JobStatus, StoredRound[]] => [
    { state: 'failed', last: { job: JOB, round: 0, attempt: 1 }, reason: 'x' },
    [attempt(0, 1, round)],
  ];
  assert.deepEqual(gone(...status(FAILED), { failedAttempts: 0 }), ['0-1']);
  assert.deepEqual(gone(...status(OPENED), { failedAttempts: 0 }), []);
});

test('what was uploaded without a commitment goes as soon as its round is published', () => {
  const [published] = [attempt(0, 1, PUBLISHED)];
  const head: JobHead = { job: JOB, version: 1, status: RUNNING(1), submittedMs: 0 };
  const owners = ['a', 'd', 'e'] as SiteId[];
  const kinds = ['ciphertext', 'shares', 'opening', 'checkpoint'] as const;
  const blobs = owners.flatMap((owner) =>
    kinds.map((kind) => ({ name: { id: published.id, kind, owner }, bytes: 5 })),
  );
  const { names } = removableBlobs({ head, rounds: [published, attempt(1, 1, COLLECTING)], blobs }, ALL);
  assert.deepEqual(
    names.map(({ owner, kind }) => `${owner}.${kind}`),
    ['d.ciphertext', 'd.shares', 'e.ciphertext', 'e.shares'],
  );
});

test('every kind of body of an expired round goes but sealed checkpoints, and nothing of a round that is not known', () => {
  const rounds = [attempt(0, 1, PUBLISHED), attempt(1, 1, PUBLISHED), attempt(2, 1, COLLECTING)];
  const kinds = ['ciphertext', 'shares', 'opening', 'checkpoint', 'sum'] as const;
  const blobs = blobsOf([...rounds, attempt(7, 1, COLLECTING)], kinds);
  const head: JobHead = { job: JOB, version: 1, status: RUNNING(2), submittedMs: 0 };
  const { names, isAll } = removableBlobs({ head, rounds, blobs }, { publishedRounds: 1, failedAttempts: 0 });
  assert.deepEqual(
    names.map(({ id, kind }) => `${id.round} ${kind}`),
    ['0 ciphertext', '0 shares', '0 opening', '0 sum'],
  );
  assert.equal(isAll, true);
});

test('as many attempts of a round are kept at a time as it has, or as fail and are kept', () => {
  assert.equal(keptAttempts({ attempts: 3 }, { failedAttempts: Infinity }), 3);
  assert.equal(keptAttempts({ attempts: 3 }, { failedAttempts: 0 }), 1);
  assert.equal(keptAttempts({ attempts: 1 }, { failedAttempts: 5 }), 1);
});
