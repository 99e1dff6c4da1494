// What every Journal promises. Each implementation runs exactly this.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  Refusal,
  type Digest,
  type JobId,
  type RefusalCode,
  type SignedMessage,
  type SiteId,
} from '@blindsum/proto';
import type { Decision } from './decision-journal.ts';
import type { AttemptId, Journal, StoredOpening } from './journal.ts';
import { LOG_PROMISES } from './log-journal-contract.ts';

const JOB = 'breast-cancer' as JobId;
const OTHER_JOB = 'german-credit' as JobId;
const ID: AttemptId = { job: JOB, round: 3, attempt: 1 };
const NEXT: AttemptId = { ...ID, attempt: 2 };
const digest = (digit: string) => digit.repeat(64) as Digest;
const message = (byte: number): SignedMessage => ({
  payload: new Uint8Array(20).fill(byte),
  signature: new Uint8Array(64).fill(byte),
});
const opening = (attempt: number, setRoot: string, byte = 1): StoredOpening => ({
  attempt,
  setRoot: digest(setRoot),
  message: message(byte),
  file: `opening-${byte}`,
});
const decision = (verdict: Decision['verdict']): Decision => ({
  verdict,
  manifestHash: digest('a'),
  rosterHash: digest('b'),
  reason: '',
  decidedBy: 'dr-who',
  atMs: 1_700_000_000_000,
});
const refusal = (code: RefusalCode) => (error: unknown) => error instanceof Refusal && error.code === code;

const PROMISES: Readonly<Record<string, (journal: Journal) => void>> = {
  'knows nothing at first': (journal) => {
    assert.equal(journal.commitment(ID), undefined);
    assert.equal(journal.acknowledged(ID), undefined);
    assert.equal(journal.opening(JOB, 3), undefined);
    assert.equal(journal.outcome(JOB, 3), undefined);
    assert.equal(journal.consent(JOB), undefined);
    assert.equal(journal.model(JOB), undefined);
  },
  'keeps the first commitment of an attempt, and one for each attempt': (journal) => {
    const first = { message: message(1), files: { ciphertext: 'c1', shares: 's1' } };
    const second = { message: message(2), files: { ciphertext: 'c2', shares: 's2' } };
    const kept = { ...first, isAccepted: false };
    assert.deepEqual(journal.recordCommitment(ID, first), kept);
    assert.deepEqual(journal.recordCommitment(ID, second), kept);
    assert.deepEqual(journal.recordCommitment(NEXT, second), { ...second, isAccepted: false });
    assert.deepEqual(journal.commitment(ID), kept);
    assert.equal(journal.commitment({ ...ID, job: OTHER_JOB }), undefined);
  },
  'remembers that a commitment was accepted': (journal) => {
    const commitment = { message: message(1), files: { ciphertext: 'c', shares: 's' } };
    assert.throws(() => journal.recordAccepted(ID), /no commitment/);
    for (const id of [ID, NEXT]) journal.recordCommitment(id, commitment);
    journal.recordAccepted(ID);
    journal.recordAccepted(ID);
    assert.deepEqual(journal.recordCommitment(ID, commitment), { ...commitment, isAccepted: true });
    assert.equal(journal.commitment(NEXT)?.isAccepted, false);
  },
  'acknowledges one set for each set attempt, and gives the last': (journal) => {
    const sets = [1, 2].map((setAttempt) => ({ setAttempt, setRoot: digest(`${setAttempt}`) }));
    for (const set of [sets[1]!, sets[0]!, sets[1]!]) journal.recordAcknowledgement(ID, set);
    assert.deepEqual(journal.acknowledged(ID), sets[1]);
    const other = { setAttempt: 1, setRoot: digest('9') };
    assert.throws(() => journal.recordAcknowledgement(ID, other), refusal('CONFLICTING_SUBMISSION'));
    journal.recordAcknowledgement(NEXT, other);
    assert.deepEqual([journal.acknowledged(ID), journal.acknowledged(NEXT)], [sets[1], other]);
  },
  'opens one set in a round, and returns the first message for it': (journal) => {
    assert.deepEqual(journal.recordOpening(JOB, 3, opening(1, 'a', 1)), opening(1, 'a', 1));
    assert.deepEqual(journal.recordOpening(JOB, 3, opening(1, 'a', 2)), opening(1, 'a', 1));
    assert.deepEqual(journal.opening(JOB, 3), opening(1, 'a', 1));
  },
  'refuses to open another set of a round, in any attempt, and keeps the first': (journal) => {
    journal.recordOpening(JOB, 3, opening(2, 'a'));
    for (const other of [opening(2, 'b'), opening(1, 'b'), opening(3, 'b'), opening(3, 'a')]) {
      assert.throws(() => journal.recordOpening(JOB, 3, other), refusal('ALREADY_OPENED'));
    }
    assert.deepEqual(journal.opening(JOB, 3), opening(2, 'a'));
  },
  'opens a set in another round and in another job': (journal) => {
    journal.recordOpening(JOB, 3, opening(1, 'a'));
    assert.deepEqual(journal.recordOpening(JOB, 4, opening(1, 'b')), opening(1, 'b'));
    assert.deepEqual(journal.recordOpening(OTHER_JOB, 3, opening(1, 'c')), opening(1, 'c'));
  },
  'throws when a sum gave two models': (journal) => {
    const members = ['hospital-a', 'hospital-b'] as SiteId[];
    const computed = { attempt: 2, setRoot: digest('c'), members, modelFile: 'model-3' };
    const outcome = { ...computed, modelHash: digest('a'), metrics: { examples: 569 } };
    journal.recordOutcome(JOB, 3, outcome);
    journal.recordOutcome(JOB, 3, outcome);
    const other = { ...outcome, modelHash: digest('b') };
    assert.throws(() => journal.recordOutcome(JOB, 3, other), /another model/);
    assert.deepEqual(journal.outcome(JOB, 3), outcome);
    assert.equal(journal.outcome(JOB, 4), undefined);
  },
  'consents to one manifest and roster under a name': (journal) => {
    const consent = { manifestHash: digest('a'), rosterHash: digest('b'), message: message(1) };
    journal.recordConsent(JOB, consent);
    assert.deepEqual(journal.recordConsent(JOB, { ...consent, message: message(2) }), consent);
    for (const change of [{ manifestHash: digest('c') }, { rosterHash: digest('c') }]) {
      const other = { ...consent, ...change };
      assert.throws(() => journal.recordConsent(JOB, other), refusal('CONFLICTING_SUBMISSION'));
    }
    assert.deepEqual(journal.consent(JOB), consent);
  },
  'keeps decisions about a job, of which the last one counts': (journal) => {
    const approved = decision('approved');
    const refused = { ...decision('refused'), manifestHash: digest('c'), reason: 'the board said no' };
    journal.recordDecision(JOB, approved);
    assert.deepEqual(journal.decision(JOB), approved);
    journal.recordDecision(JOB, refused);
    assert.deepEqual(journal.decision(JOB), refused);
    assert.equal(journal.decision(OTHER_JOB), undefined);
    assert.deepEqual(journal.jobs(), [JOB]);
  },
  'keeps the first withdrawal, and signs for no round that it is about': (journal) => {
    const commitment = { message: message(1), files: { ciphertext: 'c', shares: 's' } };
    journal.recordCommitment(ID, commitment);
    const withdrawal = { fromRound: 4, message: message(2) };
    assert.throws(
      () => journal.recordWithdrawal(JOB, { ...withdrawal, fromRound: 3 }),
      refusal('CONFLICTING_SUBMISSION'),
    );
    assert.equal(journal.withdrawal(JOB), undefined);
    assert.deepEqual(journal.recordWithdrawal(JOB, withdrawal), withdrawal);
    assert.deepEqual(journal.recordWithdrawal(JOB, { fromRound: 9, message: message(3) }), withdrawal);
    assert.deepEqual(journal.withdrawal(JOB), withdrawal);
    for (const round of [4, 5])
      assert.throws(
        () => journal.recordCommitment({ ...ID, round }, commitment),
        refusal('WRONG_PHASE'),
        'once withdrawn',
      );
    assert.equal(journal.commitment({ ...ID, round: 4 }), undefined);
    journal.recordCommitment(NEXT, commitment);
    journal.recordCommitment({ ...ID, job: OTHER_JOB, round: 9 }, commitment);
  },
  'counts the rounds that the site signed for, job by job': (journal) => {
    const commitment = { message: message(1), files: { ciphertext: 'c', shares: 's' } };
    assert.deepEqual(journal.contributedRounds(), []);
    for (const id of [ID, NEXT, { ...ID, round: 1 }, { ...ID, job: OTHER_JOB, round: 0 }])
      journal.recordCommitment(id, commitment);
    assert.deepEqual(journal.contributedRounds(), [
      { job: JOB, rounds: 2, last: 3 },
      { job: OTHER_JOB, rounds: 1, last: 0 },
    ]);
  },
  'approves one roster of a version': (journal) => {
    const approval = { hash: digest('a'), message: message(1) };
    assert.equal(journal.rosterApproval(2), undefined);
    assert.deepEqual(journal.recordRosterApproval(2, approval), approval);
    assert.deepEqual(journal.recordRosterApproval(2, { ...approval, message: message(2) }), approval);
    const other = { hash: digest('b'), message: message(3) };
    assert.throws(() => journal.recordRosterApproval(2, other), refusal('CONFLICTING_SUBMISSION'));
    assert.deepEqual(journal.recordRosterApproval(3, other), other);
    assert.deepEqual(journal.rosterApproval(2), approval);
  },
  'knows one roster of a version, and what was accepted stays accepted': (journal) => {
    const first = { version: 1, hash: digest('a'), roster: Uint8Array.of(1), isAccepted: false };
    const second = { version: 2, hash: digest('b'), roster: Uint8Array.of(2), isAccepted: false };
    for (const roster of [second, first, { ...first, isAccepted: true }, first]) journal.recordRoster(roster);
    const other = { ...second, hash: digest('c'), isAccepted: true };
    assert.throws(() => journal.recordRoster(other), refusal('BAD_ROSTER'));
    assert.deepEqual(journal.rosters(), [{ ...first, isAccepted: true }, second]);
  },
  'lets no round of a job go by an older roster than one before': (journal) => {
    for (const version of [1, 1, 3, 3]) journal.recordJobRoster(JOB, version);
    for (const version of [1, 2])
      assert.throws(() => journal.recordJobRoster(JOB, version), refusal('BAD_ROSTER'));
    journal.recordJobRoster(OTHER_JOB, 1);
    journal.recordJobRoster(JOB, 3);
  },
  ...LOG_PROMISES,
  'votes for one model of a round, and remembers who decided that': (journal) => {
    const vote = { attempt: 1, message: message(1) };
    const decision = { verdict: 'vote', reason: '', decidedBy: 'ada', atMs: 5 } as const;
    assert.equal(journal.modelVote(JOB, 3), undefined);
    for (const atMs of [5, 6]) journal.recordModelVote(JOB, 3, vote, { ...decision, atMs });
    assert.deepEqual(journal.modelVote(JOB, 3), vote);
    assert.deepEqual(journal.releaseDecision(JOB, 3), { ...decision, atMs: 6 });
    const other = { attempt: 1, message: message(2) };
    assert.throws(
      () => journal.recordModelVote(JOB, 3, other, { ...decision, atMs: 7 }),
      refusal('CONFLICTING_SUBMISSION'),
    );
    assert.deepEqual(journal.modelVote(JOB, 3), vote);
    assert.equal(journal.releaseDecision(JOB, 3)?.atMs, 6);
    journal.recordModelVote(JOB, 4, other, decision);
    assert.deepEqual(journal.openModelVotes(), [
      { job: JOB, round: 3, attempt: 1 },
      { job: JOB, round: 4, attempt: 1 },
    ]);
  },
  'has nothing left to do for a vote that was taken back, or whose model everybody has': (journal) => {
    const decision = { reason: 'no', decidedBy: 'ada', atMs: 5 };
    const vote = () =>
      journal.recordModelVote(JOB, 3, { attempt: 2, message: message(1) }, { verdict: 'vote', ...decision });
    journal.recordModelRefusal(JOB, 2, { verdict: 'refuse', ...decision });
    assert.deepEqual(journal.openModelVotes(), []);
    vote();
    journal.recordModelRefusal(JOB, 3, { verdict: 'refuse', ...decision });
    assert.deepEqual(journal.openModelVotes(), []);
    assert.equal(journal.releaseDecision(JOB, 3)?.verdict, 'refuse');
    vote();
    assert.deepEqual(journal.openModelVotes(), [{ job: JOB, round: 3, attempt: 2 }]);
    journal.recordReleased(JOB, 3);
    assert.deepEqual(journal.openModelVotes(), []);
  },
  'keeps the model of the latest round': (journal) => {
    const model = (round: number) => ({ round, hash: digest('a'), file: `model-${round}` });
    for (const round of [-1, 0, 2, 1]) journal.recordModel(JOB, model(round));
    assert.deepEqual(journal.model(JOB), model(2));
    assert.equal(journal.model(OTHER_JOB), undefined);
  },
};

/** Runs the promises; `open` gives an empty journal. */
export function describeJournal(name: string, open: () => Journal): void {
  void describe(name, () => {
    for (const [promise, check] of Object.entries(PROMISES))
      void test(promise, () => checkWith(open(), check));
  });
}

function checkWith(journal: Journal, check: (journal: Journal) => void): void {
  try {
    check(journal);
  } finally {
    journal.close();
  }
}
