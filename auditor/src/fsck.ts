// Checks a whole log: signature, tree, every entry, every record, and what the records say together.
import { toHex } from '@blindsum/proto';
import { parseVkey, type Checkpoint, type NoteKey, type RecordKind } from '@blindsum/proto/tlog';
import { checkAnchor, toAnchors, type LoggedAnchor } from './anchor-check.ts';
import { checkCosigning, UNKNOWN_COSIGNING, type CosigningReport } from './cosigning-check.ts';
import type { CosigningHistory } from './cosigning-history.ts';
import { walkEntries, type WalkedEntries } from './entry-walk.ts';
import type { ErasedRecord } from './erasures.ts';
import type { Finding } from './finding.ts';
import { History } from './history-check.ts';
import { countRecord, type JobSummary } from './job-summary.ts';
import { readLogHead } from './log-head.ts';
import type { LogReader } from './log-reader.ts';
import { isExplained, restingOnWhatIsRead, scopeOfRecord, type JudgedRecord } from './resting.ts';
import { pinServedLog, type ServedLog } from './served-log.ts';
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
  /** Who must have cosigned, as the log says it. */
  readonly cosigning: CosigningReport;
  readonly findings: readonly Finding[];
}

/** Told after each entry how many of the log's have been read. */
export type OnEntry = (done: number, total: number) => void;

/**
 * Audits the log. `vkey` is the key that its reader trusts; without it the log's own is taken. Refuses UNAVAILABLE when
 * the log cannot be read, MALFORMED for a `vkey` that is none; whatever is wrong with the log is in the report.
 */
export async function fsck(reader: LogReader, vkey?: string, onEntry?: OnEntry): Promise<FsckReport> {
  return (await auditLog(await pinServedLog(reader), vkey, onEntry)).report;
}

/** What an audit has read, for those who go on from there. */
export interface AuditedLog {
  readonly report: FsckReport;
  /** Absent when the checkpoint does not verify. */
  readonly read?: {
    readonly logKey: NoteKey;
    readonly cosigning: CosigningHistory;
    readonly entryHashes: WalkedEntries['entryHashes'];
  };
}

/** fsck of a log that is pinned. */
export async function auditLog(log: ServedLog, vkey?: string, onEntry?: OnEntry): Promise<AuditedLog> {
  const { checkpoint, findings, ...named } = await readLogHead(log.reader, vkey);
  if (!checkpoint) {
    const nothing = { size: 0, root: '', records: {}, erased: [], jobs: [] };
    const { report: cosigning } = UNKNOWN_COSIGNING;
    return { report: { ...named, ok: false, ...nothing, cosigning, findings } };
  }
  const logKey = parseVkey(named.vkey);
  const {
    findings: found,
    history,
    entryHashes,
    ...counts
  } = await checkLog(log, checkpoint, { logKey, onEntry });
  const all = [...findings, ...found];
  const { size, root } = checkpoint;
  const isOk = all.length === 0;
  return {
    report: { ...named, ok: isOk, size: Number(size), root: toHex(root), ...counts, findings: all },
    read: { logKey, cosigning: history.cosigning, entryHashes },
  };
}

interface LogCheck {
  readonly logKey: NoteKey;
  readonly onEntry: OnEntry | undefined;
}

async function checkLog(
  { reader, served }: ServedLog,
  checkpoint: Checkpoint,
  { logKey, onEntry }: LogCheck,
) {
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
  const { entryHashes, isWhole, erased } = walked;
  const isRead = isWhole && isExplained(unread, erased);
  const { report, policyFindings, cosignedFindings } = isRead
    ? checkCosigning(served, { history: history.cosigning, logKey, checkpoint, entryHashes })
    : UNKNOWN_COSIGNING;
  found.push(...policyFindings, ...cosignedFindings);
  const findings = [...treeFindings, ...inOrder([...walked.findings, ...found])];
  const counts = { records, erased, jobs: [...jobs.values()], cosigning: report };
  return { ...counts, history, entryHashes, findings };
}

/** By entry; those about no entry last. */
function inOrder(findings: readonly Finding[]): Finding[] {
  const placeOf = ({ entry }: Finding) => entry ?? Infinity;
  return findings.toSorted((a, b) => (placeOf(a) === placeOf(b) ? 0 : placeOf(a) - placeOf(b)));
}
