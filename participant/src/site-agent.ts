// The site's main loop: which jobs there are, and a session for each.
import { Refusal, type JobId, type RefusalCode } from '@blindsum/proto';
import { BackOff } from './back-off.ts';
import { hasFinalModel } from './model-store.ts';
import { openSession, type Site } from './open-session.ts';
import { PASSING } from './passing.ts';
import type { JobListing } from './ports.ts';
import type { Session } from './session-context.ts';
import { SessionDriver, type DriverRules, type SessionEnd } from './session-driver.ts';

const POLL_MS = 2_000;
/** Between looks at a job that the policy forbids, or that a person is asked about and has not decided on. */
const REVIEW_MS = 30_000;
/** The job is not there, or not for this site, yet. */
const MAY_COME: ReadonlySet<RefusalCode> = new Set(['NOT_FOUND', 'NOT_A_MEMBER', 'ROSTER_NOT_APPROVED']);
/** States in which a job may still want something of a site. */
const OPEN: ReadonlySet<JobListing['state']> = new Set(['joining', 'queued', 'running', 'paused']);

/** What the site's owner may change while the agent runs, and a job under an older roster than the site's, which may follow yet. */
const REVIEWED_AGAIN: ReadonlySet<RefusalCode> = new Set(['POLICY_FORBIDS', 'CONFIG_INVALID', 'BAD_ROSTER']);

export interface AgentRules extends DriverRules {
  /** Called when a job ends or is refused. */
  readonly onJobEnd: (job: JobId, end: SessionEnd | Refusal) => void;
}

/**
 * Waits until the coordinator has the job and, where the policy asks for one, a person has approved it; takes part in it and
 * returns its end. Rejects with a Refusal when the site may not or cannot take part.
 */
export async function runJob(site: Site, job: JobId, rules: DriverRules): Promise<SessionEnd> {
  const told = new Set<string>();
  while (!rules.signal.aborted) {
    const session = await whileAvailable(site, { ...rules, job }, () => openIfReady(site, job, told));
    if (session === 'not there') await site.clock.sleep(POLL_MS);
    else if (session === 'not approved') await untilDecided(site, job, rules);
    else if (session) return runSession(session, rules);
  }
  return { kind: 'interrupted' };
}

/**
 * Takes part in every job that the policy allows, side by side, until the program is told to stop. Jobs that it forbids are
 * looked at again: the policy may change. Rejects with the first error that is not about one job alone. A job that has finished is among them if this site consented to it and lacks its result.
 */
export async function runAllJobs(site: Site, rules: AgentRules): Promise<void> {
  /** Jobs under way, ended, or not to be looked at before the time given. */
  const known = new Map<JobId, number>();
  const complaints = new Map<JobId, string>();
  const broken = Promise.withResolvers<never>();
  const ends: Promise<void>[] = [];
  const start = async (job: JobId) => {
    const end = await endOf(() => runJob(site, job, rules));
    const isForbidden = end instanceof Refusal && REVIEWED_AGAIN.has(end.code);
    if (isForbidden) known.set(job, site.clock.nowMs() + REVIEW_MS);
    // The same again is no news.
    if (isForbidden && complaints.get(job) === end.message) return;
    if (isForbidden) complaints.set(job, end.message);
    rules.onJobEnd(job, end);
  };
  while (!rules.signal.aborted) {
    const listing = whileAvailable(site, rules, () => site.coordinator.listJobs());
    // An error that ends the program does not wait for a coordinator that is away.
    const listed = await Promise.race([listing, broken.promise]);
    for (const { job, state } of listed ?? []) {
      if ((known.get(job) ?? 0) > site.clock.nowMs()) continue;
      if (!OPEN.has(state) && !(state === 'finished' && lacksResult(site, job))) continue;
      known.set(job, Infinity);
      ends.push(start(job).catch(broken.reject));
    }
    await Promise.race([site.clock.sleep(POLL_MS), broken.promise]);
  }
  await Promise.race([Promise.all(ends), broken.promise]);
}

/** A site that was away when its job ended may still come by the job's last model. */
function lacksResult({ config, journal }: Site, job: JobId): boolean {
  return journal.consent(job) !== undefined && !hasFinalModel(config.stateDirectory, job);
}

async function runSession(session: Session, rules: DriverRules): Promise<SessionEnd> {
  const { learner, report, terms } = session;
  const { job } = terms.manifest;
  try {
    const end = await new SessionDriver(session, rules).run();
    if (end.kind === 'finished') report({ event: 'finished', job, modelHash: end.modelHash });
    if (end.kind === 'stopped') report({ event: 'stopped', job, reason: end.reason });
    if (end.kind === 'withdrawn') {
      const reason = session.journal.decision(job)?.reason ?? '';
      report({ event: 'withdrawn', job, fromRound: end.fromRound, reason });
    }
    return end;
  } finally {
    await learner.close();
  }
}

/** What is waited for is told once: `told` remembers it. */
async function openIfReady(
  site: Site,
  job: JobId,
  told: Set<string>,
): Promise<Session | 'not there' | 'not approved'> {
  try {
    return await openSession(site, job);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { code, detail } = error;
    if (code !== 'APPROVAL_NEEDED' && !MAY_COME.has(code)) throw error;
    const mayCome = MAY_COME.has(code);
    if (code !== 'NOT_FOUND' && !told.has(detail))
      site.report(
        mayCome
          ? { event: 'waiting', job, code, detail, retryMs: POLL_MS }
          : { event: 'not-permitted', job, code, detail },
      );
    told.add(detail);
    return mayCome ? 'not there' : 'not approved';
  }
}

/** Until somebody at this site decides about the job, or for as long as documents and policy are taken to be the same. */
async function untilDecided({ journal, clock }: Site, job: JobId, { signal }: DriverRules): Promise<void> {
  const before = JSON.stringify(journal.decision(job));
  const endMs = clock.nowMs() + REVIEW_MS;
  while (!signal.aborted && clock.nowMs() < endMs && JSON.stringify(journal.decision(job)) === before)
    await clock.sleep(POLL_MS);
}

async function endOf(run: () => Promise<SessionEnd>): Promise<SessionEnd | Refusal> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Refusal && error.code !== 'UNAVAILABLE') return error;
    throw error;
  }
}

/** Repeats a question while the coordinator is away; undefined when the program is told to stop. */
async function whileAvailable<T>(
  { clock, report }: Site,
  rules: DriverRules & { readonly job?: JobId },
  ask: () => Promise<T>,
): Promise<T | undefined> {
  const about = rules.job === undefined ? {} : { job: rules.job };
  const backOff = new BackOff({ clock, ...rules });
  while (!rules.signal.aborted) {
    try {
      return await ask();
    } catch (error) {
      if (rules.signal.aborted) return undefined;
      if (!(error instanceof Refusal) || !PASSING.has(error.code)) throw error;
      const retryMs = backOff.nextMs();
      if (retryMs === undefined) throw error;
      report({ event: 'waiting', ...about, code: error.code, detail: error.detail, retryMs });
      await clock.sleep(retryMs);
    }
  }
  return undefined;
}
