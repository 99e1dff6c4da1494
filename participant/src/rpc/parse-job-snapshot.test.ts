import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Refusal } from '@blindsum/proto';
import {
  JobState,
  RoundPhase,
  toServiceDefinition,
  RoundService,
  type WatchRoundResponse,
} from '@blindsum/proto/rpc';
import { parseJobSnapshot } from './parse-job-snapshot.ts';

const { responseSerialize, responseDeserialize } = toServiceDefinition(RoundService)['watchRound']!;

/** Across the wire, as it would arrive. */
function arrived(round: object | undefined, jobState: number = JobState.RUNNING): WatchRoundResponse {
  const response = { version: 7n, jobState, failure: 'why\u0007\nnot', ...(round && { round }) };
  return responseDeserialize(responseSerialize(response)) as WatchRoundResponse;
}

const digest = new Uint8Array(32).fill(1);
const message = { payload: Uint8Array.of(1), signature: Uint8Array.of(2) };
const VIEW = {
  ref: { job: 'test-job', round: 3, attempt: 2 },
  phase: RoundPhase.OPENING as number,
  baseModelHash: digest,
  rosterHash: digest,
  committed: ['hospital-a'],
  set: { setAttempt: 1, root: digest, commitments: [message] },
  acknowledgements: [message],
  sumRoot: digest,
  checksums: [message],
  proxiesWanted: ['hospital-b'],
  openings: [message],
  attestations: [message, message],
  failure: '',
};

test('each phase carries what exists in it', () => {
  const keys = (phase: number) => {
    const snapshot = parseJobSnapshot(arrived({ ...VIEW, phase }));
    return snapshot.state === 'running' && snapshot.round ? Object.keys(snapshot.round).sort() : [];
  };
  const announced = ['baseModelHash', 'phase', 'ref', 'rosterHash'];
  const sealed = ['acknowledgements', 'set', ...announced];
  const summed = ['checksums', 'sumRoot', ...sealed];
  assert.deepEqual(keys(RoundPhase.COLLECTING), ['committed', 'barred', ...announced].sort());
  assert.deepEqual(keys(RoundPhase.SEALED), sealed.sort());
  assert.deepEqual(keys(RoundPhase.SUMMED), ['proxiesWanted', ...summed].sort());
  for (const phase of [RoundPhase.OPENING, RoundPhase.PUBLISHED])
    assert.deepEqual(keys(phase), ['attestations', 'openings', ...summed].sort());
  assert.deepEqual(keys(RoundPhase.FAILED), ['failure', ...announced].sort());
});

test('jobs in every state, with text made harmless', () => {
  assert.deepEqual(parseJobSnapshot(arrived(undefined, JobState.JOINING)), { version: 7n, state: 'joining' });
  assert.deepEqual(parseJobSnapshot(arrived(undefined, JobState.FAILED)), {
    version: 7n,
    state: 'failed',
    failure: 'why not',
  });
  assert.equal(parseJobSnapshot(arrived(undefined)).state, 'running');
  assert.equal(parseJobSnapshot(arrived(VIEW, JobState.FINISHED)).state, 'finished');
  assert.deepEqual(parseJobSnapshot(arrived(undefined, JobState.CANCELLED)), {
    version: 7n,
    state: 'cancelled',
    failure: 'why not',
  });
  for (const [state, name] of [
    [JobState.QUEUED, 'queued'],
    [JobState.PAUSED, 'paused'],
  ] as const) {
    assert.deepEqual(parseJobSnapshot(arrived(undefined, state)), {
      version: 7n,
      state: name,
      round: undefined,
    });
    const snapshot = parseJobSnapshot(arrived(VIEW, state));
    assert.equal('round' in snapshot && snapshot.round?.phase, 'opening');
  }
});

test('what a coordinator cannot say is malformed', () => {
  const bad: [string, object][] = [
    ['an unknown phase', { phase: 9 }],
    ['no phase', { phase: 0 }],
    ['no reference', { ref: undefined }],
    ['attempt 0', { ref: { ...VIEW.ref, attempt: 0 } }],
    ['a job name with a newline', { ref: { ...VIEW.ref, job: 'a\nb' } }],
    ['a short hash', { baseModelHash: digest.subarray(1) }],
    ['no set', { set: undefined }],
    ['set number 0', { set: { ...VIEW.set, setAttempt: 0 } }],
    ['a set root of 31 bytes', { set: { ...VIEW.set, root: digest.subarray(1) } }],
    ['more commitments than sites', { set: { ...VIEW.set, commitments: Array(1025).fill(message) } }],
    ['no sum root', { sumRoot: new Uint8Array(0) }],
    ['messages without end', { openings: Array(16 * 1024 + 1).fill(message) }],
    ['a site name that is a path', { phase: RoundPhase.SUMMED, proxiesWanted: ['../a'] }],
    ['a committed site with capitals', { phase: RoundPhase.COLLECTING, committed: ['Hospital'] }],
  ];
  for (const [what, changes] of bad)
    assert.throws(() => parseJobSnapshot(arrived({ ...VIEW, ...changes })), { code: 'MALFORMED' }, what);
  assert.throws(() => parseJobSnapshot(arrived(VIEW, 0)), { code: 'MALFORMED' });
  assert.throws(() => parseJobSnapshot(arrived(VIEW, 77)), { code: 'MALFORMED' });
});

test('any bytes give a snapshot or a Refusal, once protobuf has read them', () => {
  const bytes = responseSerialize({ version: 1n, jobState: JobState.RUNNING, round: VIEW });
  let refused = 0;
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (place, change) => {
      const changed = Buffer.from(bytes);
      changed[place]! ^= change;
      let response: WatchRoundResponse;
      try {
        response = responseDeserialize(changed) as WatchRoundResponse;
      } catch {
        return;
      }
      try {
        parseJobSnapshot(response);
      } catch (error) {
        assert.ok(error instanceof Refusal, String(error));
        refused++;
      }
    }),
    // Most changes are to signatures and digests, which nobody looks at here.
    { numRuns: 2000 },
  );
  assert.ok(refused > 0);
});
