// Rounds and their attempts as operators see them.
import { roundKind, type JobId } from '@blindsum/proto';
import type { JobDocument } from './job-document.ts';
import type { RoundId, StoredRound } from './ports.ts';
import { isCarried } from './round-outlines.ts';
import { awaitedIn, contributorsOf, leftOutOf } from './round/attendance.ts';
import type { StatusSource } from './status.ts';
import type { TrafficOf } from './traffic/round-traffic.ts';

/** Every attempt of every round; refuses NOT_FOUND. */
export async function listRounds(source: StatusSource, job: JobId) {
  await source.reader.open(job);
  const [rounds, traffic] = await Promise.all([source.rounds.list(job), source.traffic.ofJob(job)]);
  return Promise.all(
    rounds.map(async (stored) => roundSummary(await documentOf(source, stored), stored, traffic)),
  );
}

/** The attempts of one round, with what each site has uploaded; refuses NOT_FOUND by an empty list. */
export async function roundAttempts(source: StatusSource, job: JobId, round: number) {
  await source.reader.open(job);
  const [rounds, traffic] = await Promise.all([source.rounds.list(job), source.traffic.ofJob(job)]);
  const attempts = rounds.filter(({ id }) => id.round === round);
  return Promise.all(attempts.map((stored) => roundDetail(source, stored, traffic)));
}

/** The job under the roster of one of its rounds. */
function documentOf({ reader }: StatusSource, { id, round }: StoredRound): Promise<JobDocument> {
  return reader.at(id.job, round.rules.rosterHash);
}

/** One attempt of a round; undefined for one that is not there. */
export async function roundSummaryOf(source: StatusSource, id: RoundId) {
  const stored = await source.rounds.load(id);
  if (!stored) return undefined;
  return roundSummary(await documentOf(source, stored), stored, await source.traffic.ofJob(id.job));
}

function roundSummary(document: JobDocument, stored: StoredRound, traffic: TrafficOf) {
  const { id, round, startedMs } = stored;
  return {
    job: id.job,
    ...{ round: id.round, attempt: id.attempt },
    kind: roundKind(id.round, document.manifest.rounds),
    phase: round.phase,
    startedMs,
    deadlineMs: 'deadline' in round ? round.deadline.atMs : null,
    context: round.rules.context,
    baseModelHash: round.rules.baseModelHash,
    contributors: contributorsOf(round),
    leftOut: leftOutOf(
      round,
      document.roster.members.map(({ site }) => site),
    ),
    awaited: awaitedIn(round),
    isCarried: isCarried(round),
    setRoot: 'set' in round ? round.set.root : null,
    sumRoot: 'sum' in round && round.sum ? round.sum.root : null,
    modelHash: round.phase === 'published' ? round.modelHash : null,
    failure: round.phase === 'failed' ? { reason: round.reason, detail: round.detail } : null,
    phases: round.phases,
    traffic: traffic(id),
  };
}

async function roundDetail(source: StatusSource, stored: StoredRound, traffic: TrafficOf) {
  const { id, round } = stored;
  const document = await documentOf(source, stored);
  const chunks = document.chunks(id.round);
  const kept = (await source.blobs.list(id.job, id.round)).filter(
    ({ name }) => name.id.attempt === id.attempt,
  );
  const sizes = new Map(kept.map(({ name: { kind, owner }, bytes }) => [`${kind} ${owner}`, bytes]));
  const uploads = round.rules.sites.map((site) => ({
    site,
    ciphertextBytes: sizes.get(`ciphertext ${site}`) ?? 0,
    sharesBytes: sizes.get(`shares ${site}`) ?? 0,
    openingBytes: sizes.get(`opening ${site}`) ?? 0,
  }));
  return { ...roundSummary(document, stored, traffic), chunks, uploads };
}
