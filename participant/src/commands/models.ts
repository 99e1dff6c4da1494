// `models list|show` and `release vote|refuse`: what a person at the site sees of the models that it holds, and decides about making
// one public. Decisions go into the journal, where the agent that runs finds what is left to do.
import { userInfo } from 'node:os';
import { parseJobId, Refusal, refuseUnless, type JobId } from '@blindsum/proto';
import type { Config } from '../config.ts';
import { loadSiteKeys, type SiteKeys } from '../identity/site-keys.ts';
import type { Journal } from '../journal/journal.ts';
import { PASSING } from '../passing.ts';
import { createPolicyFile } from '../policy/policy-file.ts';
import { heldModels, readFileDigest, type HeldModel } from '../releases/held-models.ts';
import { carryOutVote, voteAgainst, voteFor, type Bringing, type Decision } from '../releases/model-vote.ts';
import type { ReleaseDesk, ReleaseView } from '../releases/release-desk.ts';
import { KnownRosters } from '../rosters/known-rosters.ts';
import { createGrpcReleases } from '../rpc/grpc-releases.ts';
import { createGrpcTransfers } from '../rpc/grpc-transfers.ts';
import { openKeptJournal } from './kept-journal.ts';
import { openSiteConnection } from './connect.ts';
import type { Print } from './print.ts';

/** Which model a person means: that of a round, or the latest one. */
export interface NamedModel {
  readonly job: string;
  readonly round: number | undefined;
}

export interface VoteOptions extends NamedModel {
  readonly reason: string;
  /** Who decides; the user of this machine unless given. */
  readonly by: string | undefined;
}

const LINE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{0,200}$/u;

/** Every model that this site has computed and still keeps. Asks nobody. */
export async function listModels(config: Config, print: Print): Promise<void> {
  const journal = openKeptJournal(config);
  try {
    const models = journal.jobs().flatMap((job) =>
      heldModels(config.stateDirectory, journal, job).map(({ round, modelHash, path }) => ({
        ...{ job, round, modelHash, path },
        decision: journal.releaseDecision(job, round)?.verdict ?? null,
      })),
    );
    const lines = models.map(
      ({ job, round, modelHash, decision }) =>
        `${job} round ${round}: ${modelHash}${decision === null ? '' : `; ${decisionText(decision)}`}`,
    );
    print({ models }, lines.length === 0 ? 'this site holds no model' : lines.join('\n'));
  } finally {
    journal.close();
  }
}

/** One of them, and how things stand with making it public. Refuses as the connection does. */
export async function showModel(config: Config, named: NamedModel, print: Print): Promise<void> {
  await atDesk(config, named, async ({ desk, journal, model }) => {
    const { job, round, attempt, modelHash, path } = model;
    const view = await desk.view({ job, round, attempt });
    const decision = journal.releaseDecision(job, round) ?? null;
    const fileDigest = readFileDigest(model);
    print(
      { job, round, modelHash, fileDigest, path, decision, release: view },
      [
        `${job} round ${round}`,
        `  file:    ${path}`,
        `  SHA-256: ${fileDigest}`,
        `  model:   ${modelHash}${view.modelHash === modelHash ? '' : `; THE COORDINATOR HAS ${view.modelHash}`}`,
        ...describeView(view),
        `  here:    ${decision === null ? 'nobody has decided' : decisionText(decision.verdict)}`,
      ].join('\n'),
    );
  });
}

/** Votes for it to be public; refuses POLICY_FORBIDS unless the policy lets a person do that. */
export async function voteForModel(config: Config, options: VoteOptions, print: Print): Promise<void> {
  const policy = await createPolicyFile(config.policy).current();
  const decision = toDecision(options);
  await atDesk(config, options, async ({ keys, journal, desk, bringing, model }) => {
    const { federation, site } = config;
    const rosters = new KnownRosters(journal);
    const { sign } = keys.signer;
    await voteFor({ federation, site, sign, journal, rosters, policy, desk }, model, decision);
    const state = await stateAfter(bringing, model);
    const { job, round, modelHash } = model;
    print(
      { job, round, modelHash, verdict: 'vote', state },
      `${job} round ${round}: voted; ${STATES[state]}`,
    );
  });
}

/** Is against it, and takes a vote back that does not count yet. */
export async function refuseModel(config: Config, options: VoteOptions, print: Print): Promise<void> {
  const decision = toDecision(options);
  await atDesk(config, options, async ({ journal, desk, model }) => {
    await voteAgainst({ journal, desk }, model, decision);
    const { job, round } = model;
    print(
      { job, round, verdict: 'refuse' },
      `${job} round ${round}: the operator is told that this site is against it`,
    );
  });
}

const STATES: Record<ReleaseView['state'] | 'unknown', string> = {
  voting: 'more votes are needed',
  logged: 'enough have voted, which is in the log; a member brings the file',
  available: 'the model is public',
  unknown: 'the coordinator is busy; the agent goes on with it, and so does the same command again',
};

/** The vote is given: whether the file can be brought right now is another matter. */
async function stateAfter(bringing: Bringing, model: HeldModel): Promise<ReleaseView['state'] | 'unknown'> {
  try {
    return await carryOutVote(bringing, model);
  } catch (error) {
    if (error instanceof Refusal && PASSING.has(error.code)) return 'unknown';
    throw error;
  }
}

function describeView({ state, threshold, voters, refusers }: ReleaseView): string[] {
  return [
    `  release: ${STATES[state]}`,
    `  voted:   ${voters.length} of ${threshold} needed: ${voters.join(', ') || 'nobody'}`,
    ...(refusers.length > 0 ? [`  against: ${refusers.join(', ')}`] : []),
  ];
}

function decisionText(verdict: 'vote' | 'refuse'): string {
  return verdict === 'vote' ? 'this site votes for it to be public' : 'this site is against making it public';
}

function toDecision({ by, reason }: VoteOptions): Decision {
  const decidedBy = by ?? userInfo().username;
  for (const text of [decidedBy, reason])
    refuseUnless(
      LINE.test(text),
      'CONFIG_INVALID',
      'a reason, or a name, is one line of at most 200 characters',
    );
  return { decidedBy, reason, atMs: Date.now() };
}

interface AtDesk {
  readonly keys: SiteKeys;
  readonly journal: Journal;
  readonly desk: ReleaseDesk;
  readonly bringing: Bringing;
  readonly model: HeldModel;
}

async function atDesk(
  config: Config,
  { job: name, round }: NamedModel,
  act: (at: AtDesk) => Promise<void>,
): Promise<void> {
  const job = parseJobId(name);
  const keys = await loadSiteKeys(config.stateDirectory, config.keys);
  const journal = openKeptJournal(config);
  try {
    const model = findModel(config, journal, { job, round });
    const { channels, close } = await openSiteConnection(config, keys);
    try {
      const desk = createGrpcReleases(channels.control);
      const transfers = createGrpcTransfers(channels.bulk);
      await act({ keys, journal, desk, model, bringing: { journal, desk, transfers } });
    } finally {
      close();
    }
  } finally {
    journal.close();
  }
}

function findModel(
  { stateDirectory }: Config,
  journal: Journal,
  { job, round }: { readonly job: JobId; readonly round: number | undefined },
): HeldModel {
  const held = heldModels(stateDirectory, journal, job);
  const model = round === undefined ? held.at(-1) : held.find((one) => one.round === round);
  if (model) return model;
  const which = round === undefined ? 'no model' : `no model of round ${round}`;
  throw new Refusal(
    'NOT_FOUND',
    `${job}: this site has computed ${which}, or keeps it no more: see models list`,
  );
}
