// What needs a person: each with why it matters and where to look. Nothing that mends itself is in it.
import type { JobDocument, LogDocument, SiteDocument } from './documents.ts';
import { toBytes, toCount, toDate, toList, toRelative } from './format.ts';
import { failureWord } from './words.ts';
import type { LiveState } from './live-state.ts';
import { toJobAddress, toSiteAddress } from './route.ts';

export interface Attention {
  readonly tone: 'bad' | 'warn' | 'wait';
  readonly title: string;
  readonly detail: string;
  /** Address of the page that says more. */
  readonly href: string | undefined;
}

const RECENT_MS = 24 * 3600 * 1000;
const RANK = { bad: 0, warn: 1, wait: 2 } as const;

/** The gravest first. */
export function toAttention({ overview, jobs, sites }: LiveState, nowMs: number): Attention[] {
  const open = [...jobs.values()];
  const found = [
    ...ofLog(overview.log),
    ...ofDisk(overview.disk),
    ...ofOwnCertificate(overview.certificate, nowMs),
    ...open.flatMap((job) => ofJob(job, nowMs)),
    ...inFew(open.flatMap(ofJoining), (waiting) => ({
      tone: 'wait',
      title: `${toCount(waiting.length, 'job')} wait for consents`,
      detail: `${toList(waiting.map(({ name }) => name))}.`,
      href: '#/jobs',
    })),
    ...ofSites([...sites.values()], open, nowMs),
  ];
  return found.toSorted((a, b) => RANK[a.tone] - RANK[b.tone]);
}

function ofLog(log: LogDocument): Attention[] {
  const href = '#/audit';
  if (log.stopped !== null)
    return [
      {
        tone: 'bad',
        title: 'The log has stopped',
        detail: `${log.stopped}. No round can be published.`,
        href,
      },
    ];
  const failing = log.witnesses.filter(({ state }) => state === 'failing');
  if (failing.length === 0) return [];
  const detail = failing.map(({ name, reason }) => `${name}: ${reason ?? 'no answer'}`).join('; ');
  return [
    {
      tone: 'warn',
      title: `${toCount(failing.length, 'witness', 'witnesses')} cannot be reached`,
      detail,
      href,
    },
  ];
}

function ofDisk({ state, freeBytes, reserveBytes }: LiveState['overview']['disk']): Attention[] {
  if (state === 'ok') return [];
  const detail = `${toBytes(freeBytes)} are free, ${toBytes(reserveBytes)} are held in reserve. Make room: nothing is lost.`;
  const title = state === 'full' ? 'The disk is full: writes wait' : 'The disk is nearly full: uploads wait';
  return [{ tone: state === 'full' ? 'bad' : 'warn', title, detail, href: undefined }];
}

function ofOwnCertificate(
  { state, expiresMs }: LiveState['overview']['certificate'],
  nowMs: number,
): Attention[] {
  if (state === 'valid') return [];
  const title = `The coordinator’s certificate ${state === 'expired' ? 'has expired' : 'expires'} ${toRelative(expiresMs, nowMs)}`;
  return [
    {
      tone: state === 'expired' ? 'bad' : 'warn',
      title,
      detail: 'It is renewed by itself as long as the authority is at hand.',
      href: undefined,
    },
  ];
}

function ofJob(job: JobDocument, nowMs: number): Attention[] {
  const href = toJobAddress(job.job);
  if (job.state === 'failed' && nowMs - job.submittedMs < 7 * RECENT_MS)
    return [{ tone: 'bad', title: `${job.job} failed`, detail: failureWord(job.failure ?? ''), href }];
  if (job.current?.isCarried === true) {
    const away = toList(job.current.awaited.map(({ site }) => site));
    const detail = `Its opened sum cannot be finished without ${away}.`;
    return [{ tone: 'bad', title: `${job.job} waits for sites that are away`, detail, href }];
  }
  if (job.state === 'paused')
    return [
      { tone: 'wait', title: `${job.job} is paused`, detail: 'It goes on when somebody resumes it.', href },
    ];
  return [];
}

/** What concerns one job or site; there may be many of them. */
interface Named extends Attention {
  readonly name: string;
}

/** More of a kind than this are told together. */
const MOST_OF_A_KIND = 3;

function inFew(found: readonly Named[], together: (found: readonly Named[]) => Attention): Attention[] {
  if (found.length > MOST_OF_A_KIND) return [together(found)];
  return found.map(({ name: _, ...attention }) => attention);
}

function ofJoining({ job, state, roster }: JobDocument): Named[] {
  if (state !== 'joining') return [];
  const detail = roster.waits ?? 'People at the sites are asked to approve it.';
  return [{ name: job, tone: 'wait', title: `${job} waits for consents`, detail, href: toJobAddress(job) }];
}

function ofSites(sites: readonly SiteDocument[], jobs: readonly JobDocument[], nowMs: number): Attention[] {
  const standing = sites.filter(({ revoked }) => revoked === null);
  const absent = inFew(ofAbsent(standing, jobs, nowMs), (away) => ({
    tone: 'warn',
    title: `${toCount(away.length, 'site')} are away, and jobs wait for them`,
    detail: `${toList(away.map(({ name }) => name))}.`,
    href: '#/sites',
  }));
  return [...absent, ...ofCertificates(standing)];
}

/** A site that is away matters where a job waits for it. */
function ofAbsent(sites: readonly SiteDocument[], jobs: readonly JobDocument[], nowMs: number): Named[] {
  const waits = (site: string) =>
    jobs.filter(({ current }) => current?.awaited.some((finding) => finding.site === site));
  return sites
    .filter(({ online }) => !online)
    .flatMap(({ site, lastSeenMs }): Named[] => {
      const jobsThatWait = waits(site).map(({ job }) => job);
      if (jobsThatWait.length === 0) return [];
      const seen =
        lastSeenMs === null ? 'It was never seen' : `It was last seen ${toRelative(lastSeenMs, nowMs)}`;
      return [
        {
          name: site,
          tone: 'warn',
          title: `${site} is away, and ${toList(jobsThatWait)} ${jobsThatWait.length === 1 ? 'waits' : 'wait'} for it`,
          detail: `${seen}.`,
          href: toSiteAddress(site),
        },
      ];
    });
}

function ofCertificates(sites: readonly SiteDocument[]): Attention[] {
  const ending = sites
    .filter(({ certificate }) => certificate.state !== 'valid')
    .toSorted((a, b) => a.certificate.expiresMs - b.certificate.expiresMs);
  const [first] = ending;
  if (!first) return [];
  const isOver = first.certificate.state === 'expired';
  return [
    {
      tone: isOver ? 'bad' : 'warn',
      title: `${toCount(ending.length, 'certificate')} of sites ${isOver ? 'expired or expiring' : 'will expire soon'}`,
      detail: `${first.site}: ${toDate(first.certificate.expiresMs)}${ending.length > 1 ? `, then ${toList(ending.slice(1).map(({ site }) => site))}` : ''}. A running site renews its own.`,
      href: ending.length === 1 ? toSiteAddress(first.site) : '#/sites',
    },
  ];
}
