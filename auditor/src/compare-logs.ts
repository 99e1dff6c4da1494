// Whether two places, or two people, are shown one log: of a log that shows two histories, both checkpoints are signed.
import { parseUtf8, toHex } from '@blindsum/proto';
import type { Checkpoint } from '@blindsum/proto/tlog';
import type { Finding } from './finding.ts';
import { compareTrees } from './log-extension.ts';
import { readLogHead } from './log-head.ts';
import type { LogReader } from './log-reader.ts';
import { pinLog } from './pinned-log-reader.ts';

/** What one of them shows. */
export interface ShownLog {
  readonly source: string;
  readonly origin: string;
  readonly vkey: string;
  /** 0 and '' when the checkpoint does not verify. */
  readonly size: number;
  /** In hexadecimal. */
  readonly root: string;
  /** The signed note: with the other one, it proves two histories. */
  readonly note: string;
}

export interface CompareReport {
  readonly ok: boolean;
  /** `one` log; `split`: two histories under one key; `different` keys; `failed`: what is shown is not in order. */
  readonly verdict: 'one' | 'split' | 'different' | 'failed';
  readonly isKeyFromLog: boolean;
  readonly logs: readonly [ShownLog, ShownLog];
  readonly findings: readonly Finding[];
}

/**
 * Compares them. `vkey` is the key that the reader trusts; without it each log's own is taken, and both must be one. Refuses
 * UNAVAILABLE when one cannot be read, MALFORMED for a `vkey` that is none.
 */
export async function compareLogs(one: LogReader, other: LogReader, vkey?: string): Promise<CompareReport> {
  const first = await look(one, vkey);
  const second = await look(other, vkey);
  const logs = [first.shown, second.shown] as const;
  const about = { isKeyFromLog: vkey === undefined, logs };
  const findings = [...first.findings, ...second.findings];
  if (first.shown.vkey !== second.shown.vkey && first.checkpoint && second.checkpoint)
    return { ok: false, verdict: 'different', ...about, findings: [...findings, TWO_KEYS] };
  if (!first.checkpoint || !second.checkpoint || findings.length > 0)
    return { ok: false, verdict: 'failed', ...about, findings };
  const [earlier, later] =
    first.checkpoint.size <= second.checkpoint.size ? [first, second] : [second, first];
  const compared = await compareTrees(earlier.checkpoint!, later.checkpoint!, later.reader);
  const verdict = { extends: 'one', forked: 'split', shrunk: 'split', unproven: 'failed' } as const;
  return {
    ok: compared.relation === 'extends',
    verdict: verdict[compared.relation],
    ...about,
    findings: compared.findings,
  };
}

const TWO_KEYS: Finding = {
  code: 'BAD_CHECKPOINT',
  message: 'they are signed by two keys: these are two logs, or one of them is forged',
};

interface Looked {
  readonly reader: LogReader;
  readonly shown: ShownLog;
  readonly checkpoint?: Checkpoint;
  readonly findings: readonly Finding[];
}

async function look(source: LogReader, vkey?: string): Promise<Looked> {
  const { reader, note } = await pinLog(source);
  const { checkpoint, findings, ...named } = await readLogHead(reader, vkey);
  const shown = {
    source: named.source,
    origin: named.origin,
    vkey: named.vkey,
    size: Number(checkpoint?.size ?? 0n),
    root: checkpoint ? toHex(checkpoint.root) : '',
    note: checkpoint ? parseUtf8(note, 'checkpoint') : '',
  };
  const about = findings.map((one) => ({ ...one, message: `${named.source}: ${one.message}` }));
  return { reader, shown, ...(checkpoint && { checkpoint }), findings: about };
}
