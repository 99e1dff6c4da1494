// Takes the records of a log in their order, and says of each what somebody should know.
import { Refusal } from '@blindsum/proto';
import { describeRule, recordName, type LogRecord } from '@blindsum/proto/tlog';
import type { CosigningHistory } from '../cosigning-history.ts';
import type { EntryRecord } from '../entry-check.ts';
import type { ErasedRecord } from '../erasures.ts';
import type { Finding } from '../finding.ts';
import { History } from '../history-check.ts';
import { isExplained, restingOnWhatIsRead, scopeOfRecord, type JudgedRecord } from '../resting.ts';
import { verifyChain, verifySet, type JobHistory } from '../round-check.ts';
import { toAlerts, type Alert, type AlertKind } from './alert.ts';

export class RecordWatch {
  readonly #history: History;
  readonly #names = new Set<string>();
  readonly #standing: Alert[] = [];
  readonly #judged: JudgedRecord<Alert>[] = [];
  readonly #unread: number[] = [];

  /** `origin` is the checkpoint's. */
  constructor(origin: string) {
    this.#history = new History(origin);
  }

  /** The next entry: its record, or undefined when that cannot be read. */
  take(checked: EntryRecord | undefined, entry: number): void {
    if (!checked) {
      this.#unread.push(entry);
      this.#history.skip();
      return;
    }
    const { record } = checked;
    const before = 'job' in record.predicate ? this.#history.jobSoFar(record.predicate.job) : undefined;
    const { standing, content } = this.#history.admit(checked);
    this.#standing.push(
      ...this.#toStanding(record, standing),
      ...turnoutAlerts(entry, record),
      ...erasureAlerts(entry, record),
      ...this.#amendmentAlerts(entry, record),
    );
    this.#judged.push({
      entry,
      scope: scopeOfRecord(record),
      content: toAlerts(kindOf(record, before), content),
    });
  }

  /** What the log says of who must have cosigned; undefined where a record is missing that might say it. */
  cosigning(erased: readonly ErasedRecord[]): CosigningHistory | undefined {
    return isExplained(this.#unread, erased) ? this.#history.cosigning : undefined;
  }

  /** All alerts so far, given which records were erased. */
  alerts(erased: readonly ErasedRecord[]): Alert[] {
    return [...this.#standing, ...restingOnWhatIsRead(this.#judged, this.#unread, erased)];
  }

  /** The operator may do that; whoever watches should know. */
  #amendmentAlerts(entry: number, record: LogRecord): Alert[] {
    if (record.kind !== 'charter-amendment') return [];
    const before = this.#history.cosigning.ruleAt(entry);
    const earlier = before ? `before, it was ${describeRule(before)}` : 'before, the log did not say it';
    const message = `${recordName(record)}: from here on ${describeRule(record.predicate.cosigning)} must have cosigned; ${earlier}`;
    return [{ kind: 'rule-changed', code: 'POLICY_MISMATCH', entry, message }];
  }

  #toStanding(record: LogRecord, standing: readonly Finding[]): Alert[] {
    const name = recordName(record);
    const isRepeated = this.#names.has(name);
    this.#names.add(name);
    return standing.flatMap((finding) => {
      const kind = finding.code === 'BAD_SIGNATURE' ? 'unknown-key' : isRepeated ? 'duplicate' : 'invalid';
      return toAlerts(kind, [finding]);
    });
  }
}

/** Of what kind it is when something is wrong with what a record says. */
function kindOf({ kind, predicate }: LogRecord, before: JobHistory | undefined): AlertKind {
  if (!before) return 'invalid';
  if (kind === 'round-sealed') return before.published.has(predicate.round) ? 'sealed-late' : 'invalid';
  if (kind !== 'round') return 'invalid';
  if (isRefused(() => verifyChain(before, predicate))) return 'broken-chain';
  return isRefused(() => void verifySet(before, predicate)) ? 'sealed-late' : 'invalid';
}

function isRefused(check: () => void): boolean {
  try {
    check();
    return false;
  } catch (error) {
    if (error instanceof Refusal) return true;
    throw error;
  }
}

/** The federation may have agreed to it; whoever watches should know. */
function turnoutAlerts(entry: number, { kind, predicate }: LogRecord): Alert[] {
  if (kind !== 'round' || predicate.setSize >= predicate.threshold) return [];
  const { setSize, threshold } = predicate;
  const message = `${recordName({ kind, predicate })}: ${setSize} sites contributed, the threshold is ${threshold}`;
  return [{ kind: 'below-threshold', code: 'TOO_FEW_CONTRIBUTORS', entry, message }];
}

function erasureAlerts(entry: number, { kind, predicate }: LogRecord): Alert[] {
  if (kind !== 'redaction') return [];
  const of = predicate.job === '' ? '' : ` of job ${predicate.job}`;
  const message = `the ${predicate.kind} record ${predicate.record}${of} was erased: ${predicate.reason}`;
  return [{ kind: 'erased', code: 'NOT_FOUND', entry, message }];
}
