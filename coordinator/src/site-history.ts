// What operators see of one site: the jobs it belongs to, and what it contributed to their rounds.
import { Refusal, roundKind, type SiteId } from '@blindsum/proto';
import { jobRosterStatus } from './job-roster-status.ts';
import type { JobHead, SaidBySite } from './ports.ts';
import type { RosterChain } from './roster-reader.ts';
import type { RoundOutline } from './round-outlines.ts';
import { absenceOf } from './round/attendance.ts';
import { outlinesOf, siteStatus, type OutlineOf, type StatusSource } from './status.ts';

/** Refuses NOT_FOUND. */
export async function siteDetail(source: StatusSource, site: SiteId) {
  const member = await source.members.load(site);
  if (!member) throw new Refusal('NOT_FOUND', `no site named ${site}`);
  const [heads, chain, said] = await Promise.all([
    source.jobs.list(),
    source.jobRosters.chain(),
    source.jobs.saidBy(site),
  ]);
  const outlineOf = await outlinesOf(source, heads);
  const jobs = await Promise.all(
    heads.map((head) => jobOfSite(source, head, { site, chain, said, outlineOf })),
  );
  return {
    ...siteStatus(member, source.clock.nowMs()),
    jobs: jobs
      .filter((job) => job !== undefined)
      .toSorted((a, b) => b.submittedMs - a.submittedMs)
      .map(({ submittedMs: _, ...job }) => job),
  };
}

interface OfSite {
  readonly site: SiteId;
  readonly chain: RosterChain;
  readonly said: SaidBySite;
  readonly outlineOf: OutlineOf;
}

async function jobOfSite(source: StatusSource, head: JobHead, { site, chain, said, outlineOf }: OfSite) {
  const opened = await source.reader.open(head.job, head);
  const { document } = await jobRosterStatus(source, opened, outlineOf(head)?.rosterHash, chain);
  if (!document.roster.members.some((member) => member.site === site)) return undefined;
  const { job, status, submittedMs } = head;
  const [consented, withdrawn] = [said.consented.has(job), said.withdrawn.has(job)];
  return { job, state: status.state, consented, withdrawn, submittedMs };
}

/** Attempts of rounds under a roster that the site is in. Refuses NOT_FOUND for an unknown site. */
export async function contributionsOfSite(source: StatusSource, site: SiteId) {
  if (!(await source.members.load(site))) throw new Refusal('NOT_FOUND', `no site named ${site}`);
  const heads = new Map((await source.jobs.list()).map((head) => [head.job, head]));
  const found = await Promise.all(
    (await source.outlines.all()).map((outline) =>
      contributionTo(source, { outline, head: heads.get(outline.id.job) }, site),
    ),
  );
  return found.filter((one) => one !== undefined);
}

interface RoundOfJob {
  readonly outline: RoundOutline;
  /** The job as it was just read. */
  readonly head: JobHead | undefined;
}

/** Undefined unless the site is in the roster of the round. */
async function contributionTo(source: StatusSource, { outline, head }: RoundOfJob, site: SiteId) {
  const { id, rosterHash, startedMs } = outline;
  const { manifest } = (await source.reader.open(id.job, head)).document;
  const { roster } = await source.reader.at(id.job, rosterHash);
  if (!roster.members.some((member) => member.site === site)) return undefined;
  return {
    ...id,
    kind: roundKind(id.round, manifest.rounds),
    ...outcomeOf(outline, site),
    ciphertextBytes: await source.blobs.listedBytes({ id, kind: 'ciphertext', owner: site }),
    atMs: startedMs,
  };
}

interface Outcome {
  readonly outcome: 'contributed' | 'leftOut' | 'awaited';
  /** Why it was left out, or what is awaited of it. */
  readonly why: string | null;
}

function outcomeOf(
  { contributors, awaited, leftOut, rules, phase, reason }: RoundOutline,
  site: SiteId,
): Outcome {
  if (contributors.includes(site)) return { outcome: 'contributed', why: null };
  const owed = awaited.find((one) => one.site === site);
  if (owed && phase === 'collecting') return { outcome: 'awaited', why: owed.what };
  const left = leftOut.find((one) => one.site === site)?.what;
  if (reason !== undefined) return { outcome: 'leftOut', why: `${reason}: ${left ?? 'the round failed'}` };
  return { outcome: 'leftOut', why: left ?? (rules.sites.includes(site) ? 'late' : absenceOf(rules, site)) };
}
