// The view of a site, from what it keeps. The same sources give the same view.
import { parseRoster, toHex } from '@blindsum/proto';
import type { SiteSources } from './site-sources.ts';
import type { JobView, SiteView } from './site-view.ts';
import { toAttention } from './to-attention.ts';
import { toJobView } from './to-job-view.ts';
import { NO_NOISE } from './to-protections.ts';
import { toSentView } from './to-sent-view.ts';

export function composeSiteView(sources: SiteSources): SiteView {
  const { nowMs, site, federation, fingerprint, policy, journal, disk, gpu } = sources;
  const jobs = toJobs(sources);
  const view: Omit<SiteView, 'attention'> = {
    format: 'blindsum-site-view/v1',
    atMs: nowMs,
    ...{ site, federation, fingerprint },
    agent: toAgent(sources),
    coordinator: toCoordinator(sources),
    certificate: toCertificate(sources),
    log: toLog(journal.log),
    members: { trusted: [...sources.trusted], roster: toRoster(sources) },
    policy: { file: policy.file ?? null, problem: policy.problem, approval: policy.rules.approval },
    jobs,
    sent: toSentView(sources.sent.totals()),
    privacy: toPrivacy(jobs),
    disk,
    compute: { backendAsked: sources.backend, backendUsed: toBackendUsed(jobs), gpu },
  };
  return { ...view, attention: toAttention(view) };
}

/** Those that go on first, then by when they were last heard of. */
function toJobs(sources: SiteSources): JobView[] {
  const offers = new Map(sources.work.offers().map((offer) => [offer.job, offer]));
  const works = new Map(sources.work.works().map((work) => [work.job, work]));
  const names = new Set<string>([...sources.journal.jobs(), ...offers.keys(), ...works.keys()]);
  return [...names]
    .map((job) => toJobView({ job, offer: offers.get(job), work: works.get(job) }, sources))
    .toSorted((a, b) => heardOf(b) - heardOf(a) || (a.job < b.job ? -1 : 1));
}

function heardOf({ doing, end, lastSeenMs, decision }: JobView): number {
  // Farther than any time.
  const first = doing === null ? 0 : Number.MAX_SAFE_INTEGER / 2;
  return first + Math.max(doing?.atMs ?? 0, end?.atMs ?? 0, lastSeenMs ?? 0, decision.atMs ?? 0);
}

function toAgent({ isRunning, version, work }: SiteSources): SiteView['agent'] {
  const start = work.start();
  return { isRunning, version: start?.version ?? version, startedMs: start?.startedMs ?? null };
}

function toCoordinator({ coordinator, sent }: SiteSources): SiteView['coordinator'] {
  const { answeredMs, failedMs, failure } = sent.contact();
  const isAsked = answeredMs !== undefined || failedMs !== undefined;
  const isAway = (failedMs ?? 0) > (answeredMs ?? 0);
  return {
    address: coordinator ?? null,
    state: isAsked ? (isAway ? 'away' : 'answers') : 'never asked',
    answeredMs: answeredMs ?? null,
    failedMs: failedMs ?? null,
    failure: failure ?? '',
  };
}

function toCertificate({ certificate, nowMs }: SiteSources): SiteView['certificate'] {
  if (certificate === undefined) return null;
  const { expiresMs, renewsMs, isExpiring } = certificate;
  const state = nowMs >= expiresMs ? 'expired' : isExpiring ? 'expiring' : 'valid';
  return { state, expiresMs, renewsMs };
}

function toLog(log: SiteSources['journal']['log']): SiteView['log'] {
  const [head, known, alarm] = [log.head(), log.known(), log.alarm()];
  return {
    size: String(head?.size ?? 0n),
    root: head ? toHex(head.root) : '',
    key: known?.key.name ?? '',
    alarm: alarm ? `${alarm.code}: ${alarm.detail}` : '',
  };
}

function toRoster({ journal }: SiteSources): SiteView['members']['roster'] {
  const accepted = journal.rosters().findLast(({ isAccepted }) => isAccepted);
  const roster = accepted && parseRoster(accepted.roster);
  return roster ? { version: roster.version, sites: roster.members.map(({ site }) => site) } : null;
}

function toPrivacy(jobs: readonly JobView[]): SiteView['privacy'] {
  const contributedRounds = jobs.reduce((sum, job) => sum + job.contributedRounds, 0);
  return {
    contributedRounds,
    budget: null,
    says: [
      contributedRounds === 0
        ? 'This site has contributed to no round.'
        : `This site has contributed to ${contributedRounds} rounds. Every sum that was opened says something about the rows of its contributors together; each further one says more.`,
      NO_NOISE,
    ],
  };
}

function toBackendUsed(jobs: readonly JobView[]): string | null {
  const trainings = jobs.flatMap(({ lastTraining }) => lastTraining ?? []);
  return trainings.toSorted((a, b) => b.atMs - a.atMs)[0]?.backend ?? null;
}
