// Checks a whole log: signature, tree, every entry, every record, and what the records say together.
import { toHex } from '@blindsum/proto';
import type { Checkpoint, RecordKind } from '@blindsum/proto/tlog';
import { checkAnchor, toAnchors, type LoggedAnchor } from './anchor-check.ts';
import { walkEntries } from './entry-walk.ts';
import type { ErasedRecord } from './erasures.ts';
import type { Finding } from './finding.ts';
import { History } from './history-check.ts';
import { countRecord, type JobSummary } from './job-summary.ts';
import { readLogHead } from './log-head.ts';
import type { LogReader } from './log-reader.ts';
import { restingOnWhatIsRead, scopeOfRecord, type JudgedRecord } from './resting.ts';
import { checkTree } from './tree-check.ts';

/** The verdict on a log. */
export interface FsckReport {
  readonly ok: boolean;
  readonly source: string;
  /** Name of the log. */
  readonly origin: string;
  readonly vkey: string;
  /** True when nobody but the log itself vouches for the key. */
  readonly isKeyFromLog: boolean;
  /** Entries of the signed tree, and its root in hexadecimal; 0 and '' when the checkpoint does not verify. */
  readonly size: number;
  readonly root: string;
  /** Valid records of each kind. */
  readonly records: Readonly<Partial<Record<RecordKind, number>>>;
  /** Records whose bodies were erased, as the log itself says. What they said, and what rests on it, is not checked. */
  readonly erased: readonly ErasedRecord[];
  /** In the order in which they appear in the log. */
  readonly jobs: readonly JobSummary[];
  readonly findings: readonly Finding[];
}

/** Told after each entry how many of the log's have been read. */
export type OnEntry = (done: number, total: number) => void;

/**
 * Audits the log. `vkey` is the key that its reader trusts; without it the log's own is taken. Refuses UNAVAILABLE when
 * the log cannot be read, MALFORMED for a `vkey` that is none; whatever is wrong with the log is in the report.
 */
export async function fsck(reader: LogReader, vkey?: string, onEntry?: OnEntry): Promise<FsckReport> {
  const { checkpoint, findings, ...named } = await readLogHead(reader, vkey);
  if (!checkpoint)
    return { ...named, ok: false, size: 0, root: '', records: {}, erased: [], jobs: [], findings };
  const { findings: found, ...counts } = await checkLog(reader, checkpoint, onEntry);
  const all = [...findings, ...found];
  const { size, root } = checkpoint;
  return { ...named, ok: all.length === 0, size: Number(size), root: toHex(root), ...counts, findings: all };
}

async function checkLog(reader: LogReader, checkpoint: Checkpoint, onEntry?: OnEntry) {
  const found: Finding[] = [];
  const judged: JudgedRecord[] = [];
  const anchors: LoggedAnchor[] = [];
  const unread: number[] = [];
  const records: Partial<Record<RecordKind, number>> = {};
  let jobs: ReadonlyMap<string, JobSummary> = new Map();
  const history = new History(checkpoint.origin);
  const walked = await walkEntries(reader, checkpoint, (checked, entry) => {
    onEntry?.(entry + 1, Number(checkpoint.size));
    if (!checked) {
      unread.push(entry);
      history.skip();
      return;
    }
    const { record } = checked;
    anchors.push(...toAnchors(entry, record));
    records[record.kind] = (records[record.kind] ?? 0) + 1;
    jobs = countRecord(jobs, record);
    const { standing, content } = history.admit(checked);
    found.push(...standing);
    judged.push({ entry, scope: scopeOfRecord(record), content });
  });
  found.push(...restingOnWhatIsRead(judged, unread, walked.erased));
  for (const anchor of walked.isWhole ? anchors : [])
    found.push(...(await checkAnchor(reader, anchor, walked.entryHashes)));
  // The tree comes first: what is wrong there is the cause of much that is wrong with the records.
  const treeFindings = walked.isWhole ? await checkTree(reader, checkpoint, walked.entryHashes) : [];
  const findings = [...treeFindings, ...inOrder([...walked.findings, ...found])];
  return { records, erased: walked.erased, jobs: [...jobs.values()], findings };
}

/** By entry; those about no entry last. */
function inOrder(findings: readonly Finding[]): Finding[] {
  const placeOf = ({ entry }: Finding) => entry ?? Infinity;
  return findings.toSorted((a, b) => (placeOf(a) === placeOf(b) ? 0 : placeOf(a) - placeOf(b)));
}
