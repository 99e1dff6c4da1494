// Watches a log: each look compares it with what was seen last, and reads what has come since.
import { isEqualBytes, parseHex, parseUtf8, toHex } from '@blindsum/proto';
import { merkleRoot, parseVkey, type Checkpoint, type NoteKey } from '@blindsum/proto/tlog';
import { checkCosigning, type CosigningVerdict } from '../cosigning-check.ts';
import { EntryWalk, type WalkedEntries } from '../entry-walk.ts';
import type { Finding } from '../finding.ts';
import { compareTrees } from '../log-extension.ts';
import type { OnEntry } from '../fsck.ts';
import { readLogHead, type LogHead } from '../log-head.ts';
import type { LogReader } from '../log-reader.ts';
import { UNSIGNED_TREE } from '../published-rounds.ts';
import { pinServedLog, type Served } from '../served-log.ts';
import { toAlerts, type Alert } from './alert.ts';
import type { MonitorState } from './monitor-state.ts';
import { RecordWatch } from './record-watch.ts';

/** What a look has shown. */
export interface MonitorReport extends Omit<LogHead, 'checkpoint' | 'findings'> {
  readonly ok: boolean;
  /** Entries that had been seen before, and that there are; the same where the look was given up. */
  readonly from: number;
  readonly size: number;
  readonly alerts: readonly Alert[];
}

export interface Look {
  readonly report: MonitorReport;
  /** What to remember: nothing else where the log contradicts what was seen, so that every look says so again. */
  readonly state: MonitorState | undefined;
}

/** Where to look, and what is known. */
export interface LookRequest {
  readonly reader: LogReader;
  readonly state: MonitorState | undefined;
  /** The key that is trusted; without it the state's, and without that the log's own. */
  readonly vkey?: string | undefined;
  /** Told after each entry how many have been read. */
  readonly onEntry?: OnEntry | undefined;
}

interface Reading extends Pick<LookRequest, 'onEntry'> {
  readonly from: number;
  readonly served: Served;
  readonly logKey: NoteKey;
}

/** The first look reads the whole log, each later one what has come since. */
export class LogMonitor {
  #walk = new EntryWalk();
  #watch: RecordWatch | undefined;
  #walked = 0;
  /** Entries whose records were said to be withheld or invalid. */
  #told = new Set<number>();

  /** Refuses UNAVAILABLE when the log cannot be read, MALFORMED for a `vkey` that is none. */
  async look({ reader: source, state, vkey, onEntry }: LookRequest): Promise<Look> {
    const { reader, note, served } = await pinServedLog(source);
    const { checkpoint, findings, ...named } = await readLogHead(reader, vkey ?? state?.vkey);
    const from = state?.size ?? 0;
    const give = (alerts: readonly Alert[], size = from): MonitorReport => ({
      ok: alerts.length === 0,
      ...named,
      from,
      size,
      alerts,
    });
    if (!checkpoint || findings.length > 0) return { report: give(toAlerts('unknown-key', findings)), state };
    const broken = await this.#compare(reader, checkpoint, state);
    if (broken.length > 0) return { report: give(broken), state };
    const alerts = await this.#readOn(reader, checkpoint, {
      ...{ from, onEntry, served },
      logKey: parseVkey(named.vkey),
    });
    if (alerts.some(({ kind }) => kind === 'changed')) return { report: give(alerts), state };
    const size = Number(checkpoint.size);
    const seen = { size, root: toHex(checkpoint.root) as MonitorState['root'] };
    const next = { vkey: named.vkey, ...seen, note: parseUtf8(note, 'checkpoint') };
    return { report: give(alerts, size), state: next };
  }

  async #compare(reader: LogReader, checkpoint: Checkpoint, state?: MonitorState): Promise<Alert[]> {
    if (!state) return [];
    const old = { size: BigInt(state.size), root: parseHex(state.root, 32, 'root') };
    const { relation, findings } = await compareTrees(old, checkpoint, reader);
    if (relation === 'extends') return [];
    return toAlerts(relation === 'unproven' ? 'changed' : relation, findings);
  }

  async #readOn(
    reader: LogReader,
    checkpoint: Checkpoint,
    { from, onEntry, served, logKey }: Reading,
  ): Promise<Alert[]> {
    // What was read for a look that was not remembered may not be of this tree.
    if (this.#walked > from) this.#forget();
    const watch = (this.#watch ??= new RecordWatch(checkpoint.origin));
    const walked = await this.#walk.goOn(reader, checkpoint, (checked, entry) => {
      watch.take(checked, entry);
      onEntry?.(entry + 1, Number(checkpoint.size));
    });
    this.#walked = walked.entryHashes.length;
    const changed = toChanged(walked, checkpoint);
    if (changed.length > 0) {
      this.#forget();
      return changed;
    }
    const fresh = watch.alerts(walked.erased).filter(({ entry = 0 }) => entry >= from);
    const inOrder = [...fresh, ...this.#toldOnce(walked)].toSorted((a, b) => (a.entry ?? 0) - (b.entry ?? 0));
    const history = watch.cosigning(walked.erased);
    if (!history) return inOrder;
    const { entryHashes } = walked;
    return [
      ...inOrder,
      ...toCosigningAlerts(checkCosigning(served, { history, logKey, checkpoint, entryHashes })),
    ];
  }

  /** What is missing or invalid by itself: said by each process once, since a body may go at any time. */
  #toldOnce({ findings }: WalkedEntries): Alert[] {
    const untold = findings.filter(({ entry }) => entry !== undefined && !this.#told.has(entry));
    for (const { entry } of untold) this.#told.add(entry!);
    return untold.flatMap((one) => toAlerts(one.code === 'NOT_FOUND' ? 'withheld' : 'invalid', [one]));
  }

  #forget(): void {
    this.#walk = new EntryWalk();
    this.#watch = undefined;
    this.#walked = 0;
    this.#told = new Set();
  }
}

function toCosigningAlerts({ policyFindings, cosignedFindings }: CosigningVerdict): Alert[] {
  const isFork = ({ code }: Finding) => code === 'ROOT_MISMATCH';
  return [
    ...toAlerts('other-policy', policyFindings),
    ...cosignedFindings.flatMap((one) => toAlerts(isFork(one) ? 'forked' : 'not-cosigned', [one])),
  ];
}

/** That the entries have the signed root proves the place of each. */
function toChanged({ isWhole, findings, entryHashes }: WalkedEntries, { root }: Checkpoint): Alert[] {
  if (!isWhole) return toAlerts('changed', findings.slice(-1));
  if (isEqualBytes(merkleRoot(entryHashes), root)) return [];
  return toAlerts('changed', [UNSIGNED_TREE]);
}
