// `jobs list|show|approve|refuse|withdraw`: a person at the site looks at jobs and decides. Decisions go into the journal, where
// the agent that runs finds them.
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { parseManifest, parseRoster, Refusal, refuseUnless, type Digest, type JobId } from '@blindsum/proto';
import type { Config } from '../config.ts';
import { explainJob, explainVerdicts } from '../explain-job.ts';
import { loadSiteKeys, type SiteKeys } from '../identity/site-keys.ts';
import type { Decision } from '../journal/decision-journal.ts';
import type { Journal } from '../journal/journal.ts';
import { openSqliteJournal } from '../journal/sqlite-journal.ts';
import { describeStanding, standingOf } from '../policy/job-standing.ts';
import { verifyPermitted } from '../policy/permission.ts';
import { createPolicyFile } from '../policy/policy-file.ts';
import type { Policy } from '../policy/policy.ts';
import { reviewPolicy, verifyAllowed } from '../policy/review-policy.ts';
import { describeUnapproved } from '../policy/roster-approval.ts';
import { siteHistory, withdraw } from '../policy/site-leave.ts';
import type { JobDocuments } from '../ports.ts';
import { reviewJob } from '../review-job.ts';
import { KnownRosters } from '../rosters/known-rosters.ts';
import type { JobTerms } from '../session/site-terms.ts';
import { withCoordinator } from './connect.ts';
import type { Print } from './print.ts';
import { parseReason } from './reason.ts';

export interface DecisionOptions {
  readonly job: JobId;
  readonly reason: string;
  /** Who decides; the user of this machine unless given. */
  readonly by: string | undefined;
}

/** Every job that the coordinator has for this site, and how things stand with it here. */
export async function listJobs(config: Config, print: Print): Promise<void> {
  await atSite(config, async ({ keys, journal }) => {
    const listed = await withCoordinator(config, keys, (coordinator) => coordinator.listJobs());
    const jobs = listed.map(({ job, state }) => ({ job, state, standing: standingOf(journal, job) }));
    const lines = jobs.map(({ job, state, standing }) => `${job}: ${state}; ${describeStanding(standing)}`);
    print({ jobs }, lines.length === 0 ? 'the coordinator has no job for this site' : lines.join('\n'));
  });
}

/** What the job would do, what each rule says, and what stops it. */
export async function showJob(config: Config, job: JobId, print: Print): Promise<void> {
  await atSite(config, async ({ keys, journal }) => {
    const documents = await withCoordinator(config, keys, (coordinator) => coordinator.job(job));
    const policy = await createPolicyFile(config.policy).current();
    const [manifest, roster] = [parseManifest(documents.manifest), parseRoster(documents.roster)];
    const verdicts = reviewPolicy(policy, { manifest, roster, history: siteHistory(journal, job) });
    const standing = standingOf(journal, job);
    const stops = stopOf(() => {
      const terms = reviewJob(job, documents, { ...config, policy }, keys.member(config.site));
      refuseUnless(standing.kind !== 'withdrawn', 'WRONG_PHASE', 'this site has withdrawn, for good');
      if (standing.kind !== 'consented') return verifyPermitted(terms, policy, journal);
      // What was consented to goes on, unless a rule forbids it since.
      verifyAllowed(verdicts);
      verifyApproved(terms, policy, journal);
    });
    print(
      { job, author: manifest.author, data: manifest.data, verdicts, stops: stops ?? null, standing },
      [
        ...explainJob({ manifest, roster, site: config.site }),
        '',
        'Your policy:',
        ...explainVerdicts(verdicts),
        '',
        `Here: ${describeStanding(standing)}.`,
        stops === undefined ? 'Nothing stops it.' : `It is stopped by: ${stops}`,
      ].join('\n'),
    );
  });
}

/** Approves exactly the documents that the coordinator shows, for which the policy has to allow the job. */
export async function approveJob(config: Config, options: DecisionOptions, print: Print): Promise<void> {
  await decide(config, options, async ({ terms, journal, record }) => {
    const policy = await createPolicyFile(config.policy).current();
    verifyAllowed(reviewPolicy(policy, { ...terms, history: siteHistory(journal, terms.manifest.job) }));
    record('approved');
    const { job } = terms.manifest;
    print(
      { job, verdict: 'approved', manifestHash: terms.manifestHash },
      `${job} is approved: manifest ${terms.manifestHash}`,
    );
  });
}

/** Refuses the job before the site has consented; refuses WRONG_PHASE after that. */
export async function refuseJob(config: Config, options: DecisionOptions, print: Print): Promise<void> {
  await decide(config, options, async ({ terms, journal, record }) => {
    const { job } = terms.manifest;
    refuseUnless(
      journal.consent(job) === undefined,
      'WRONG_PHASE',
      `this site has consented to ${job}; take that back with: blindsum-site jobs withdraw ${job}`,
    );
    record('refused');
    print({ job, verdict: 'refused' }, `${job} is refused`);
  });
}

/** Takes the consent back, for good: durably here first, and then at the coordinator, if it can be reached. */
export async function withdrawJob(config: Config, options: DecisionOptions, print: Print): Promise<void> {
  await decide(config, options, async ({ terms, journal, keys, by }) => {
    const { job } = terms.manifest;
    const consent = journal.consent(job);
    refuseUnless(
      consent !== undefined,
      'WRONG_PHASE',
      `this site has not consented to ${job}; refuse it with: blindsum-site jobs refuse ${job}`,
    );
    const { fromRound, message } = withdraw({ terms, journal, keys: keys.signer }, by);
    await withCoordinator(config, keys, (coordinator) => coordinator.sendWithdrawal(job, message));
    print(
      { job, verdict: 'withdrawn', fromRound },
      `${job}: this site contributes nothing from round ${fromRound} on; the coordinator has been told`,
    );
  });
}

interface AtSite {
  readonly keys: SiteKeys;
  readonly journal: Journal;
}

async function atSite(config: Config, act: (at: AtSite) => Promise<void>): Promise<void> {
  const keys = await loadSiteKeys(config.stateDirectory, config.keys);
  const journal = openSqliteJournal(join(config.stateDirectory, 'journal.sqlite'));
  try {
    await act({ keys, journal });
  } finally {
    journal.close();
  }
}

interface Deciding extends AtSite {
  readonly terms: JobTerms;
  readonly by: { readonly decidedBy: string; readonly reason: string; readonly atMs: number };
  readonly record: (verdict: Decision['verdict']) => void;
}

/** Reviews the documents as the agent would, and lets `act` decide about them. */
async function decide(
  config: Config,
  { job, reason, by: person }: DecisionOptions,
  act: (deciding: Deciding) => Promise<void>,
): Promise<void> {
  const decidedBy = parseReason(person ?? userInfo().username);
  const by = { decidedBy, reason: parseReason(reason), atMs: Date.now() };
  await atSite(config, async ({ keys, journal }) => {
    const documents = await withCoordinator(config, keys, (coordinator) => coordinator.job(job));
    const terms = await reviewDocuments(config, { job, documents, keys });
    const { manifestHash, rosterHash } = terms;
    const record = (verdict: Decision['verdict']) =>
      journal.recordDecision(job, { verdict, manifestHash, rosterHash, ...by });
    await act({ keys, journal, terms, by, record });
  });
}

interface Reviewing {
  readonly job: JobId;
  readonly documents: JobDocuments;
  readonly keys: SiteKeys;
}

async function reviewDocuments(config: Config, { job, documents, keys }: Reviewing): Promise<JobTerms> {
  const policy = await createPolicyFile(config.policy).current();
  return reviewJob(job, documents, { ...config, policy }, keys.member(config.site));
}

/** Refuses APPROVAL_NEEDED for a job whose members have changed, where the policy asks for that. */
function verifyApproved(terms: JobTerms, policy: Policy, journal: Journal): void {
  const known = new KnownRosters(journal);
  const knownRoster = (hash: Digest) => known.byHash(hash)?.roster;
  const unapproved = describeUnapproved({ ...terms, knownRoster }, policy, journal);
  if (unapproved !== undefined) throw new Refusal('APPROVAL_NEEDED', `${terms.manifest.job}: ${unapproved}`);
}

function stopOf(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
}
