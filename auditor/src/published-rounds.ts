// The published rounds of a log, each with what the log had said before it.
import { isEqualBytes, type Digest } from '@blindsum/proto';
import {
  merkleRoot,
  recordName,
  type Checkpoint,
  type LogRecord,
  type Predicate,
} from '@blindsum/proto/tlog';
import type { EntryRecord } from './entry-check.ts';
import { walkEntries } from './entry-walk.ts';
import type { ErasedRecord } from './erasures.ts';
import type { Finding } from './finding.ts';
import { History, type Admission } from './history-check.ts';
import type { LogReader } from './log-reader.ts';
import type { JobHistory } from './round-check.ts';

/** A round's record, with all that is needed to judge it. */
export interface PublishedRound {
  readonly entry: number;
  readonly digest: Digest;
  readonly round: Predicate<'round'>;
  /** What was said about the job before; undefined when its manifest was not logged before. */
  readonly history: JobHistory | undefined;
  /** What is wrong with the record's place and signer, and with the charter, roster and manifest that it rests on. */
  readonly findings: readonly Finding[];
  /** Which of those three are not there to be read. */
  readonly missing: readonly Finding[];
  /** What is wrong with the records that seal sets of this attempt: with their places and signers, and with what they say. */
  readonly sets: Admission;
  /** Records before it about the same job that were erased. */
  readonly gaps: readonly ErasedRecord[];
}

export interface PublishedRounds {
  readonly rounds: readonly PublishedRound[];
  /** What is wrong with the signed tree: then no record is proved to be in it. */
  readonly treeFindings: readonly Finding[];
  /** Records that cannot be read or are not what their entry says. */
  readonly recordFindings: readonly Finding[];
  /** Attempts that failed, of all rounds. */
  readonly incidents: readonly Predicate<'incident'>[];
  /** Records that were erased, as the log says. */
  readonly erased: readonly ErasedRecord[];
}

/** Reads the whole log: that the entries have the signed root proves the inclusion of each. Refuses UNAVAILABLE. */
export async function readPublishedRounds(
  reader: LogReader,
  checkpoint: Checkpoint,
): Promise<PublishedRounds> {
  const rounds: Omit<PublishedRound, 'gaps'>[] = [];
  const incidents: Predicate<'incident'>[] = [];
  const history = new History(checkpoint.origin);
  const said = new Map<string, Admission>();
  const walked = await walkEntries(reader, checkpoint, (checked) => {
    if (!checked) {
      history.skip();
      return;
    }
    const { record } = checked;
    const jobSoFar = record.kind === 'round' ? history.jobSoFar(record.predicate.job) : undefined;
    const admission = history.admit(checked);
    const name = keyOf(record);
    said.set(name, join(said.get(name) ?? NOTHING_WRONG, admission));
    if (record.kind === 'incident') incidents.push(record.predicate);
    if (record.kind === 'round')
      rounds.push(toPublished(checked, record.predicate, { said, admission, jobSoFar }));
  });
  const isSigned = walked.isWhole && isEqualBytes(merkleRoot(walked.entryHashes), checkpoint.root);
  return {
    rounds: rounds.map((round) => ({ ...round, gaps: gapsBefore(round, walked.erased) })),
    treeFindings: isSigned ? [] : [UNSIGNED_TREE],
    recordFindings: walked.findings,
    incidents,
    erased: walked.erased,
  };
}

const NOTHING_WRONG: Admission = { standing: [], content: [] };

function join(one: Admission, other: Admission): Admission {
  return {
    standing: [...one.standing, ...other.standing],
    content: [...one.content, ...other.content],
  };
}

/** Nothing of a round rests on an incident. */
function gapsBefore(
  { entry, round }: Pick<PublishedRound, 'entry' | 'round'>,
  erased: readonly ErasedRecord[],
): ErasedRecord[] {
  return erased.filter(
    (record) => record.entry < entry && record.job === round.job && record.kind !== 'incident',
  );
}

/** What is found when the entries do not have the signed root. */
export const UNSIGNED_TREE: Finding = {
  code: 'ROOT_MISMATCH',
  message: 'the entries are not those of the signed tree (blindsum-audit fsck says which were changed)',
};

interface Before {
  readonly said: ReadonlyMap<string, Admission>;
  readonly admission: Admission;
  readonly jobSoFar: JobHistory | undefined;
}

function toPublished(
  { entry, digest }: EntryRecord,
  round: Predicate<'round'>,
  { said, admission, jobSoFar }: Before,
): Omit<PublishedRound, 'gaps'> {
  const { job, rosterHash } = round;
  const foundations = ['charter', `roster ${rosterHash}`, `manifest of job ${job}`];
  const wrong = foundations.flatMap((name) => {
    const { standing, content } = said.get(name) ?? NOTHING_WRONG;
    return [...standing, ...content];
  });
  return {
    entry,
    digest,
    round,
    history: jobSoFar,
    findings: [...wrong, ...admission.standing],
    missing: foundations.filter((name) => !said.has(name)).map((name) => missing(entry, name)),
    sets: said.get(setsOf(round)) ?? NOTHING_WRONG,
  };
}

function missing(entry: number, name: string): Finding {
  return { code: 'NOT_FOUND', entry, message: `there is no record before it that can be read: ${name}` };
}

/** All sets of one attempt together, each other record by its own name. */
function keyOf(record: LogRecord): string {
  switch (record.kind) {
    case 'round-sealed':
      return setsOf(record.predicate);
    case 'roster':
      // As rounds name it.
      return `roster ${record.predicate.rosterHash}`;
    default:
      return recordName(record);
  }
}

function setsOf({ job, round, attempt }: { job: string; round: number; attempt: number }): string {
  return `sets of attempt ${attempt} of round ${round} of job ${job}`;
}
