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
import type { Finding } from './finding.ts';
import { History } from './history-check.ts';
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
  /** What is wrong with the records that seal sets of this attempt. */
  readonly setFindings: readonly Finding[];
}

export interface PublishedRounds {
  readonly rounds: readonly PublishedRound[];
  /** What is wrong with the signed tree: then no record is proved to be in it. */
  readonly treeFindings: readonly Finding[];
  /** Records that cannot be read or are not what their entry says. */
  readonly recordFindings: readonly Finding[];
}

/** Reads the whole log: that the entries have the signed root proves the inclusion of each. Refuses UNAVAILABLE. */
export async function readPublishedRounds(
  reader: LogReader,
  checkpoint: Checkpoint,
): Promise<PublishedRounds> {
  const rounds: PublishedRound[] = [];
  const history = new History(checkpoint.origin);
  const findings = new Map<string, readonly Finding[]>();
  const walked = await walkEntries(reader, checkpoint, (checked) => {
    if (!checked) {
      history.skip();
      return;
    }
    const { record } = checked;
    const jobSoFar = record.kind === 'round' ? history.jobSoFar(record.predicate.job) : undefined;
    const { standing, content } = history.admit(checked);
    const name = keyOf(record);
    findings.set(name, [...(findings.get(name) ?? []), ...standing, ...content]);
    if (record.kind === 'round')
      rounds.push(toPublished(checked, record.predicate, { findings, standing, jobSoFar }));
  });
  const isSigned = walked.isWhole && isEqualBytes(merkleRoot(walked.entryHashes), checkpoint.root);
  return {
    rounds,
    treeFindings: isSigned ? [] : [UNSIGNED_TREE],
    recordFindings: walked.findings,
  };
}

const UNSIGNED_TREE: Finding = {
  code: 'ROOT_MISMATCH',
  message: 'the entries are not those of the signed tree (blindsum-audit fsck says which were changed)',
};

interface Before {
  readonly findings: ReadonlyMap<string, readonly Finding[]>;
  readonly standing: readonly Finding[];
  readonly jobSoFar: JobHistory | undefined;
}

function toPublished(
  { entry, digest }: EntryRecord,
  round: Predicate<'round'>,
  { findings, standing, jobSoFar }: Before,
): PublishedRound {
  const { job, rosterHash } = round;
  const foundations = ['charter', `roster ${rosterHash}`, `manifest of job ${job}`];
  return {
    entry,
    digest,
    round,
    history: jobSoFar,
    findings: [...foundations.flatMap((name) => findings.get(name) ?? [missing(entry, name)]), ...standing],
    setFindings: findings.get(setsOf(round)) ?? [],
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
