// Checks a whole log: signature, tree, every entry, every record, and what the records say together.
import { parseUtf8, Refusal, refuseUnless, toHex, type Bytes } from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import {
  encodeVkey,
  hashLeaf,
  openCheckpoint,
  parseVkey,
  type Checkpoint,
  type NoteKey,
  type RecordKind,
} from '@blindsum/proto/tlog';
import { checkEntry } from './entry-check.ts';
import { toFinding, type Finding } from './finding.ts';
import { History } from './history-check.ts';
import type { LogReader } from './log-reader.ts';
import { checkTree, readEntries } from './tree-check.ts';

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
  readonly findings: readonly Finding[];
}

/**
 * Audits the log. `vkey` is the key that its reader trusts; without it the log's own is taken. Refuses UNAVAILABLE when
 * the log cannot be read, MALFORMED for a `vkey` that is none; whatever is wrong with the log is in the report.
 */
export async function fsck(reader: LogReader, vkey?: string): Promise<FsckReport> {
  const trusted = vkey === undefined ? undefined : parseVkey(vkey);
  const note = await reader.read('checkpoint');
  if (!note)
    throw new Refusal(
      'UNAVAILABLE',
      `cannot read ${reader.source}: it has no checkpoint, so it is not a log`,
    );
  const { key, findings } = await readKey(reader, trusted);
  const about = { source: reader.source, isKeyFromLog: !trusted };
  if (!key) return { ...about, ok: false, origin: '', vkey: '', size: 0, root: '', records: {}, findings };
  const named = { ...about, origin: key.name, vkey: encodeVkey(key) };
  const checkpoint = tryOpenCheckpoint(note, key);
  if ('code' in checkpoint)
    return { ...named, ok: false, size: 0, root: '', records: {}, findings: [...findings, checkpoint] };
  const { records, findings: found } = await checkLog(reader, checkpoint);
  const all = [...findings, ...found];
  const { size, root } = checkpoint;
  return { ...named, ok: all.length === 0, size: Number(size), root: toHex(root), records, findings: all };
}

/** The key to verify with: the trusted one, or the log's own. The log's must be the trusted one, if it publishes any. */
async function readKey(
  reader: LogReader,
  trusted?: NoteKey,
): Promise<{ key: NoteKey | undefined; findings: Finding[] }> {
  try {
    const bytes = await reader.read('log.vkey');
    if (!bytes && trusted) return { key: trusted, findings: [] };
    refuseUnless(
      bytes !== undefined,
      'NOT_FOUND',
      'log.vkey is missing: give the key of the log with --vkey',
    );
    const published = parseVkey(parseUtf8(bytes, 'log.vkey').replace(/\n$/, ''));
    const isTrusted = !trusted || encodeVkey(trusted) === encodeVkey(published);
    refuseUnless(isTrusted, 'BAD_SIGNATURE', 'log.vkey is not the key given with --vkey');
    return { key: published, findings: [] };
  } catch (error) {
    return { key: trusted, findings: [toFinding(error)] };
  }
}

function tryOpenCheckpoint(note: Bytes, key: NoteKey): Checkpoint | Finding {
  try {
    return openCheckpoint(note, key, verifyEd25519);
  } catch (error) {
    return toFinding(error, { prefix: 'checkpoint: ' });
  }
}

async function checkLog(reader: LogReader, checkpoint: Checkpoint) {
  const findings: Finding[] = [];
  const records: Partial<Record<RecordKind, number>> = {};
  const history = new History(checkpoint.origin);
  const entryHashes: Bytes[] = [];
  const isRead = await eachEntry(reader, checkpoint, findings, async (bytes) => {
    const checked = await checkEntry(reader, entryHashes.length, bytes);
    entryHashes.push(hashLeaf(bytes));
    if ('code' in checked) {
      history.skip();
      findings.push(checked);
      return;
    }
    records[checked.record.kind] = (records[checked.record.kind] ?? 0) + 1;
    findings.push(...history.admit(checked));
  });
  // The tree comes first: what is wrong there is the cause of much that is wrong with the records.
  const treeFindings = isRead ? await checkTree(reader, checkpoint, entryHashes) : [];
  return { records, findings: [...treeFindings, ...findings] };
}

/** False, with a finding, when the entries end before the checkpoint's size: then the tree cannot be judged. */
async function eachEntry(
  reader: LogReader,
  { size }: Checkpoint,
  findings: Finding[],
  visit: (bytes: Bytes) => Promise<void>,
): Promise<boolean> {
  const entries = readEntries(reader, size);
  for (;;) {
    const next = await entries.next().catch((error: unknown) => toFinding(error));
    if ('code' in next) {
      findings.push(next);
      return false;
    }
    if (next.done) return true;
    await visit(next.value);
  }
}
