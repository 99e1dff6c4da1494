// What operators see of one site: the jobs it belongs to, and what it contributed to their rounds.
import { Refusal, roundKind, type SiteId } from '@blindsum/proto';
import { jobRosterStatus } from './job-roster-status.ts';
import type { JobHead, SaidBySite, StoredRound } from './ports.ts';
import type { RosterChain } from './roster-reader.ts';
import { absenceOf, awaitedIn, contributorsOf, leftOutOf } from './round/attendance.ts';
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
  const heads = await source.jobs.list();
  const found = await Promise.all(heads.map((head) => contributionsTo(source, head, site)));
  return found.flat();
}

async function contributionsTo(source: StatusSource, head: JobHead, site: SiteId) {
  const { job } = head;
  const { manifest } = (await source.reader.open(job, head)).document;
  const kept = new Map(
    (await source.blobs.list(job))
      .filter(({ name }) => name.kind === 'ciphertext' && name.owner === site)
      .map(({ name: { id }, bytes }) => [toKey(id), bytes]),
  );
  const found = [];
  for (const stored of await source.rounds.list(job)) {
    const { id, round, startedMs } = stored;
    const document = await source.reader.at(job, round.rules.rosterHash);
    if (!document.roster.members.some((member) => member.site === site)) continue;
    found.push({
      ...id,
      kind: roundKind(id.round, manifest.rounds),
      ...outcomeOf(stored, site),
      ciphertextBytes: kept.get(toKey(id)) ?? 0,
      atMs: startedMs,
    });
  }
  return found;
}

function toKey({ round, attempt }: { readonly round: number; readonly attempt: number }): string {
  return `${round} ${attempt}`;
}

interface Outcome {
  readonly outcome: 'contributed' | 'leftOut' | 'awaited';
  /** Why it was left out, or what is awaited of it. */
  readonly why: string | null;
}

function outcomeOf({ round }: StoredRound, site: SiteId): Outcome {
  if (contributorsOf(round).includes(site)) return { outcome: 'contributed', why: null };
  const awaited = awaitedIn(round).find((one) => one.site === site);
  if (awaited && round.phase === 'collecting') return { outcome: 'awaited', why: awaited.what };
  const { rules } = round;
  const left = leftOutOf(round, [site]).find((one) => one.site === site)?.what;
  const why = left ?? (rules.sites.includes(site) ? 'late' : absenceOf(rules, site));
  return {
    outcome: 'leftOut',
    why: round.phase === 'failed' ? `${round.reason}: ${left ?? 'the round failed'}` : why,
  };
}
