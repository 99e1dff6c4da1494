// The site's main loop: which jobs there are, and a session for each.
import { Refusal, type JobId, type RefusalCode } from '@blindsum/proto';
import { BackOff } from './back-off.ts';
import { isJobAllowed } from './config.ts';
import { hasFinalModel } from './model-store.ts';
import { openSession, type Site } from './open-session.ts';
import { PASSING } from './passing.ts';
import type { JobListing } from './ports.ts';
import type { Session } from './session-context.ts';
import { SessionDriver, type DriverRules, type SessionEnd } from './session-driver.ts';

const POLL_MS = 2_000;
/** The job is not there, or not for this site, yet. */
const MAY_COME: ReadonlySet<RefusalCode> = new Set(['NOT_FOUND', 'NOT_A_MEMBER', 'ROSTER_NOT_APPROVED']);
/** States in which a job may still want something of a site. */
const OPEN: ReadonlySet<JobListing['state']> = new Set(['joining', 'queued', 'running', 'paused']);

export interface AgentRules extends DriverRules {
  /** Called when a job ends or is refused. */
  readonly onJobEnd: (job: JobId, end: SessionEnd | Refusal) => void;
}

/**
 * Waits until the coordinator has the job, takes part in it and returns its end. Rejects with a Refusal when the site may
 * not or cannot take part.
 */
export async function runJob(site: Site, job: JobId, rules: DriverRules): Promise<SessionEnd> {
  const told = new Set<string>();
  while (!rules.signal.aborted) {
    const session = await whileAvailable(site, rules, () => openIfThere(site, job, told));
    if (session) return runSession(session, rules);
    await site.clock.sleep(POLL_MS);
  }
  return { kind: 'interrupted' };
}

/**
 * Takes part in every job that the policy allows, side by side, until the program is told to stop. Rejects with the first error
 * that is not about one job alone. A job that has finished is among them if this site consented to it and lacks its result.
 */
export async function runAllJobs(site: Site, rules: AgentRules): Promise<void> {
  const known = new Set<JobId>();
  const broken = Promise.withResolvers<never>();
  const ends: Promise<void>[] = [];
  const start = async (job: JobId) => rules.onJobEnd(job, await endOf(() => runJob(site, job, rules)));
  while (!rules.signal.aborted) {
    const listing = whileAvailable(site, rules, () => site.coordinator.listJobs());
    // An error that ends the program does not wait for a coordinator that is away.
    const listed = await Promise.race([listing, broken.promise]);
    for (const { job, state } of listed ?? []) {
      if (known.has(job) || !isJobAllowed(site.config.policy, job)) continue;
      if (!OPEN.has(state) && !(state === 'finished' && lacksResult(site, job))) continue;
      known.add(job);
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
    return end;
  } finally {
    await learner.close();
  }
}

/** Undefined as long as the coordinator does not know the job, or this site is not in its roster, or has not approved that. */
async function openIfThere(site: Site, job: JobId, told: Set<string>): Promise<Session | undefined> {
  try {
    return await openSession(site, job);
  } catch (error) {
    if (!(error instanceof Refusal) || !MAY_COME.has(error.code)) throw error;
    const { code, detail } = error;
    if (code !== 'NOT_FOUND' && !told.has(error.message))
      site.report({ event: 'waiting', code, detail, retryMs: POLL_MS });
    told.add(error.message);
    return undefined;
  }
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
  rules: DriverRules,
  ask: () => Promise<T>,
): Promise<T | undefined> {
  const backOff = new BackOff({ clock, ...rules });
  while (!rules.signal.aborted) {
    try {
      return await ask();
    } catch (error) {
      if (rules.signal.aborted) return undefined;
      if (!(error instanceof Refusal) || !PASSING.has(error.code)) throw error;
      const retryMs = backOff.nextMs();
      if (retryMs === undefined) throw error;
      report({ event: 'waiting', code: error.code, detail: error.detail, retryMs });
      await clock.sleep(retryMs);
    }
  }
  return undefined;
}
