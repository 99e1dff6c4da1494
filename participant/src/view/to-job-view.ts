// One job as this site sees it: what was asked, what became of that and by whom, and what it is at.
import {
  authorFingerprint,
  parseManifest,
  parseRoster,
  Refusal,
  verifyAuthor,
  type JobId,
} from '@blindsum/proto';
import type { JobWork, StoredOffer } from '../activity/work-book.ts';
import { describeForbidding, reviewPolicy } from '../policy/review-policy.ts';
import { standingOf, type Standing } from '../policy/job-standing.ts';
import type { SiteSources } from './site-sources.ts';
import type { JobView } from './site-view.ts';
import { toProtections } from './to-protections.ts';

export interface JobParts {
  readonly job: string;
  readonly offer: StoredOffer | undefined;
  readonly work: JobWork | undefined;
}

export function toJobView({ job: name, offer, work }: JobParts, sources: SiteSources): JobView {
  const { journal } = sources;
  // Names that the coordinator made up are looked for, and not found.
  const job = name as JobId;
  const asks = offer === undefined ? null : toAsks(offer, sources);
  const standing = standingOf(journal, job);
  const contributed = journal.contributedRounds().find((one) => one.job === job);
  const promises = journal.log.promises().filter(({ id }) => id.job === job);
  const model = journal.model(job);
  return {
    job,
    firstSeenMs: offer?.firstMs ?? null,
    lastSeenMs: offer?.lastMs ?? null,
    asks,
    decision: toDecision(standing, { asks, work }),
    consentedMs: work?.consentedMs ?? null,
    withdrawnFromRound: standing.fromRound ?? null,
    contributedRounds: contributed?.rounds ?? 0,
    lastContributedRound: contributed?.last ?? null,
    receipts: {
      promised: promises.length,
      complete: promises.filter(({ isSettled }) => isSettled).length,
    },
    ...toProgress(work, sources.isRunning),
    model: model ? { round: model.round, hash: model.hash } : null,
  };
}

function toProgress(work: JobWork | undefined, isRunning: boolean) {
  const { doing, training, end } = work ?? {};
  const isOver = end !== undefined && (doing === undefined || end.atMs >= doing.atMs);
  const isAt = doing !== undefined && isRunning && !isOver;
  const { round = null, attempt = null, kind = null } = doing ?? {};
  return {
    doing: isAt ? { ...doing, round, attempt, kind } : null,
    lastTraining: training ?? null,
    end: isOver ? { how: end.how, atMs: end.atMs } : null,
  };
}

/** Null for documents that cannot be read: the agent refuses them with the reason. */
function toAsks(offer: StoredOffer, sources: SiteSources): JobView['asks'] {
  try {
    const [manifest, roster] = [parseManifest(offer.manifest), parseRoster(offer.roster)];
    const { author, data, model, rounds, training } = manifest;
    return {
      description: manifest.description,
      author: {
        name: author.name,
        fingerprint: authorFingerprint(author),
        isVerified: isSigned(offer, author, sources),
      },
      columns: data.features.map(({ column }) => column),
      label: data.label.column,
      uses: rounds + 2,
      rounds,
      epochs: training.epochs,
      parameters: model.parameters,
      others: roster.members.map(({ site }) => site).filter((site) => site !== sources.site),
      verdicts: toVerdicts({ manifest, roster }, sources),
      protections: toProtections(manifest, roster, sources.policy.rules),
    };
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

function isSigned(
  { manifest, authorSignature: signature }: StoredOffer,
  author: Parameters<typeof verifyAuthor>[0],
  { verify }: SiteSources,
): boolean {
  try {
    verifyAuthor(author, { manifest, signature }, verify);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

type Documents = Pick<Parameters<typeof reviewPolicy>[1], 'manifest' | 'roster'>;

function toVerdicts(documents: Documents, { policy, journal }: SiteSources) {
  if (policy.problem !== '') return [];
  const others = journal.contributedRounds().filter(({ job }) => job !== documents.manifest.job);
  const roundsOfOthers = others.reduce((sum, { rounds }) => sum + rounds, 0);
  return reviewPolicy(policy.rules, { ...documents, history: { roundsOfOthers } });
}

interface Known {
  readonly asks: JobView['asks'];
  readonly work: JobWork | undefined;
}

function toDecision(standing: Standing, { asks, work }: Known): JobView['decision'] {
  const { kind, decidedBy = '', reason = '', atMs = null } = standing;
  const said = { by: decidedBy, why: reason, atMs };
  // A person may have approved what a rule then stopped.
  const stop = work?.stop;
  if (kind === 'consented' && said.by === '')
    return {
      verdict: 'consented',
      by: 'policy',
      why: 'approval: automatic',
      atMs: work?.consentedMs ?? null,
    };
  if (kind !== 'asked' && kind !== 'approved') return { verdict: kind, ...said };
  if (stop && stop.code !== 'APPROVAL_NEEDED' && stop.atMs >= (atMs ?? 0))
    return { verdict: 'forbidden', by: toJudge(stop.code), why: stop.detail, atMs: stop.atMs };
  if (kind === 'approved') return { verdict: 'approved', ...said };
  const forbidding = describeForbidding((asks?.verdicts ?? []) as Parameters<typeof describeForbidding>[0]);
  if (forbidding !== undefined) return { verdict: 'forbidden', by: 'policy', why: forbidding, atMs: null };
  if (stop) return { verdict: 'waits', by: '', why: '', atMs: stop.atMs };
  return { verdict: 'none', by: '', why: '', atMs: null };
}

/** Whether it is the policy that stops a job, or what is wrong with it. */
function toJudge(code: string): string {
  return code === 'POLICY_FORBIDS' || code === 'HELD_BACK' ? 'policy' : code;
}
