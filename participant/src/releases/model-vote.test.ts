import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  createInitialModel,
  encodeGlobalModel,
  encodeRoster,
  globalModelHash,
  modelReleaseCodec,
  openSignedMessage,
  Refusal,
  rosterHash,
  sha256,
  toHex,
  type Digest,
  type RefusalCode,
  type SignedMessage,
} from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import { createTestFederation, createTestManifest } from '../../../test/fixtures/federation.ts';
import { MemoryJournal } from '../journal/memory-journal.ts';
import { KnownRosters } from '../rosters/known-rosters.ts';
import { followReleases } from './follow-releases.ts';
import { heldModels, type HeldModel } from './held-models.ts';
import { carryOutVote, voteAgainst, voteFor, type Voter } from './model-vote.ts';
import type { ReleaseDesk, ReleaseView } from './release-desk.ts';

const directory = mkdtempSync(join(tmpdir(), 'bs-votes-'));
after(() => rmSync(directory, { recursive: true }));

const { sites, roster } = createTestFederation();
const [own] = sites;
const manifest = createTestManifest(roster);
const { federation, job } = manifest;
const model = createInitialModel(manifest);
const file = encodeGlobalModel(model);
const modelHash = globalModelHash(model);
const hash = rosterHash(roster);
const decision = { reason: '', decidedBy: 'ada', atMs: 5 };
const refusal = (code: RefusalCode) => (error: unknown) => error instanceof Refusal && error.code === code;

/** A coordinator that shows whatever a test wants. */
class Desk implements ReleaseDesk {
  shown: ReleaseView = {
    ...{ state: 'voting', modelHash, rosterHash: hash, threshold: 2 },
    ...{ voters: [], refusers: [], isWanted: false },
  };
  readonly votes: SignedMessage[] = [];
  readonly refusals: string[] = [];
  readonly uploads: string[] = [];
  /** Thrown by each call but `view`. */
  broken: Refusal | undefined;

  view = async () => this.shown;
  vote = async (_: unknown, message: SignedMessage) => {
    if (this.broken) throw this.broken;
    this.votes.push(message);
  };
  refuse = async (_: unknown, reason: string) => {
    if (this.broken) throw this.broken;
    this.refusals.push(reason);
  };
  deliver = async () => {
    this.shown = { ...this.shown, state: 'available', isWanted: false };
  };
  upload = async (_: unknown, kind: string, path: string) => {
    this.uploads.push(`${kind} ${path}`);
    return file.length;
  };
}

let folders = 0;

/** A site that has computed the model of round 1. */
function createVoter() {
  const stateDirectory = join(directory, String(folders++));
  const journal = new MemoryJournal();
  journal.recordRoster({ version: 1, hash, roster: encodeRoster(roster), isAccepted: true });
  const folder = join(stateDirectory, 'models', job);
  mkdirSync(folder, { recursive: true });
  for (const round of [1, 2]) writeFileSync(join(folder, `round-${round}.bin`), file);
  const outcome = {
    attempt: 1,
    setRoot: hash,
    members: [],
    modelHash,
    modelFile: 'round-1.bin',
    metrics: {},
  };
  journal.recordOutcome(job, 1, outcome);
  const desk = new Desk();
  const voter: Voter = {
    ...{ federation, site: own!.site, sign: own!.sign, journal, desk },
    ...{ rosters: new KnownRosters(journal), policy: { release: 'person' } },
  };
  const held = heldModels(stateDirectory, journal, job)[0]!;
  return { voter, desk, journal, held, stateDirectory, bringing: { journal, desk, transfers: desk } };
}

test('a site can vote for the models that it has computed itself and still keeps', () => {
  const { stateDirectory, journal } = createVoter();
  assert.deepEqual(
    heldModels(stateDirectory, journal, job).map(({ round, modelHash: found }) => [round, found]),
    [[1, modelHash]],
  );
  assert.deepEqual(heldModels(stateDirectory, journal, 'other' as never), []);
});

test('a vote names this model, its file and the roster of its round, and is in the journal before it is sent', async () => {
  const { voter, desk, journal, held } = createVoter();
  desk.broken = new Refusal('UNAVAILABLE', 'away');
  await assert.rejects(voteFor(voter, held, decision), refusal('UNAVAILABLE'));
  const { message } = journal.modelVote(job, 1)!;
  const said = openSignedMessage(modelReleaseCodec, message, roster, verifyEd25519);
  const fileDigest = toHex(sha256(file));
  assert.deepEqual(said, {
    federation,
    job,
    site: own!.site,
    round: 1,
    modelHash,
    fileDigest,
    rosterHash: hash,
  });
  desk.broken = undefined;
  await voteFor(voter, held, decision);
  assert.deepEqual(desk.votes, [message]);
});

test('without the policy’s leave nobody votes, and nothing is signed', async () => {
  const { voter, journal, held, desk } = createVoter();
  await assert.rejects(
    voteFor({ ...voter, policy: { release: 'never' } }, held, decision),
    refusal('POLICY_FORBIDS'),
  );
  assert.equal(journal.modelVote(job, 1), undefined);
  assert.deepEqual(desk.votes, []);
});

const LIES: Record<string, [Partial<ReleaseView>, RefusalCode]> = {
  'that shows another model for the round': [{ modelHash: 'ab'.repeat(32) as Digest }, 'MODEL_MISMATCH'],
  'that names a roster which the site does not know': [
    { rosterHash: 'ab'.repeat(32) as Digest },
    'ROSTER_NOT_APPROVED',
  ],
};
for (const [lie, [shown, code]] of Object.entries(LIES))
  test(`attack: a coordinator ${lie} gets no vote`, async () => {
    const { voter, desk, journal, held } = createVoter();
    desk.shown = { ...desk.shown, ...shown };
    await assert.rejects(voteFor(voter, held, decision), refusal(code));
    assert.equal(journal.modelVote(job, 1), undefined);
  });

test('under a roster that this site knows, and takes no part under, it does not vote', async () => {
  const { voter, desk, journal, held } = createVoter();
  const later = { ...roster, version: 2, previous: hash };
  const laterHash = rosterHash(later);
  const stored = { version: 2, hash: laterHash, roster: encodeRoster(later), isAccepted: false };
  journal.recordRoster(stored);
  desk.shown = { ...desk.shown, rosterHash: laterHash };
  await assert.rejects(voteFor(voter, held, decision), refusal('ROSTER_NOT_APPROVED'));
  journal.recordRoster({ ...stored, isAccepted: true });
  await voteFor(voter, held, decision);
});

test('a file that was changed is neither voted for nor sent', async () => {
  const { voter, desk, held, bringing } = createVoter();
  await voteFor(voter, held, decision);
  writeFileSync(
    held.path,
    file.map((byte, i) => (i === 20 ? byte ^ 1 : byte)),
  );
  desk.shown = { ...desk.shown, state: 'logged', isWanted: true };
  await assert.rejects(carryOutVote(bringing, held), refusal('MODEL_MISMATCH'));
  assert.deepEqual(desk.uploads, []);
  await assert.rejects(voteFor(voter, held, decision), refusal('MODEL_MISMATCH'));
});

test('who is asked for the file brings it, and who is not does not', async () => {
  const { voter, desk, journal, held, bringing } = createVoter();
  await voteFor(voter, held, decision);
  desk.shown = { ...desk.shown, state: 'logged' };
  assert.equal(await carryOutVote(bringing, held), 'logged');
  assert.deepEqual(desk.uploads, []);
  desk.shown = { ...desk.shown, isWanted: true };
  assert.equal(await carryOutVote(bringing, held), 'available');
  assert.deepEqual(desk.uploads, [`model ${held.path}`]);
  assert.deepEqual(journal.openModelVotes(), []);
});

test('a refusal is in the journal before it is told, and the agent sends that vote no more', async () => {
  const { voter, desk, journal, held, ...rest } = createVoter();
  await voteFor(voter, held, decision);
  desk.broken = new Refusal('UNAVAILABLE', 'away');
  const why = { ...decision, reason: 'not yet' };
  await assert.rejects(voteAgainst(voter, held, why), refusal('UNAVAILABLE'));
  desk.broken = undefined;
  assert.equal(journal.releaseDecision(job, 1)?.verdict, 'refuse');
  await agentLooks(rest);
  assert.equal(desk.votes.length, 1);
  await voteAgainst(voter, held, why);
  assert.deepEqual(desk.refusals, ['not yet']);
});

/** The agent looks once, and is told to stop. */
async function agentLooks(
  site: Pick<ReturnType<typeof createVoter>, 'bringing' | 'stateDirectory'> & object,
) {
  const stopping = new AbortController();
  const events: string[] = [];
  await followReleases({
    ...site.bringing,
    ...{ stateDirectory: site.stateDirectory, signal: stopping.signal },
    report: ({ event }) => void events.push(event),
    clock: { nowMs: () => 0, sleep: async () => stopping.abort() },
  });
  return events;
}

test('the agent sends a vote that a crash held back, brings the file, and says when the model is public', async () => {
  const site = createVoter();
  site.desk.broken = new Refusal('UNAVAILABLE', 'away');
  await assert.rejects(voteFor(site.voter, site.held, decision), refusal('UNAVAILABLE'));
  assert.deepEqual(await agentLooks(site), ['waiting']);
  site.desk.broken = undefined;
  site.desk.shown = { ...site.desk.shown, state: 'logged', isWanted: true };
  assert.deepEqual(await agentLooks(site), ['released']);
  assert.equal(site.desk.votes.length, 1);
  assert.deepEqual(await agentLooks(site), []);
});

test('the agent votes for nothing by itself', async () => {
  const site = createVoter();
  assert.deepEqual(await agentLooks(site), []);
  assert.deepEqual(site.desk.votes, []);
  const held: HeldModel = site.held;
  await assert.rejects(carryOutVote(site.bringing, held), refusal('NOT_FOUND'));
});
