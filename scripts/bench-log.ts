// Measures the log: node_modules/.bin/node scripts/bench-log.ts [--appends 300] [--entries 100000] [--root directory] [--json].
// Appends go through the sequencer and are on disk one by one; proofs and fsck read a log of many entries, each with its record.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { toDigestBytes, type Bytes, type Digest } from '@blindsum/proto';
import {
  createTileReader,
  encodeEnvelope,
  encodeLeaf,
  encodeRecord,
  hashLeaf,
  IN_TOTO_PAYLOAD_TYPE,
  parseCheckpoint,
  parseNote,
  recordDigest,
  appendLeaf,
  createMerkleFrontier,
  frontierRoot,
  toPae,
  toTilePath,
  type LogRecord,
  type TreeHead,
} from '@blindsum/proto/tlog';
import { fsck } from '../auditor/src/fsck.ts';
import { openLogReader } from '../auditor/src/open-log-reader.ts';
import { hashOf, ORIGIN, RECORD_SIGNER, recordOf, sampleRecords } from '../auditor/src/sample-log.fixture.ts';
import { createLargeLog } from '../coordinator/src/log/large-log.fixture.ts';
import { createLogKeys } from '../coordinator/src/log/log-keys.ts';
import { incidentOf } from '../coordinator/src/log/log-store.contract.ts';
import { openLog } from '../coordinator/src/log/open-log.ts';

const PROOFS = 200;
const KEYS = createLogKeys(ORIGIN, new Uint8Array(32).fill(7));

interface Measurement {
  readonly appends: number;
  /** Each append is durable before the next: record, entry, tiles, checkpoint. */
  readonly appendsPerSecond: number;
  readonly entries: number;
  /** One inclusion proof from tiles on disk, with nothing read before, verified; the same for one consistency proof. */
  readonly inclusionProofMs: number;
  readonly consistencyProofMs: number;
  /** A whole fsck with every signature, hash and record, and the processor time it took. */
  readonly fsckSeconds: number;
  readonly fsckProcessorSeconds: number;
}

async function main(): Promise<void> {
  const options = {
    appends: { type: 'string', default: '300' },
    entries: { type: 'string', default: '100000' },
    root: { type: 'string', default: tmpdir() },
    json: { type: 'boolean', default: false },
  } as const;
  const { values } = parseArgs({ options });
  const root = await mkdtemp(join(values.root, 'blindsum-bench-'));
  try {
    const measured = await measure(root, Number(values.appends), Number(values.entries));
    process.stdout.write(`${values.json ? JSON.stringify(measured) : describe(measured)}\n`);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function measure(root: string, appends: number, entries: number): Promise<Measurement> {
  const appendsPerSecond = await measureAppends(join(root, 'appended'), appends);
  const folder = join(root, 'large');
  const half = await writeLargeLog(folder, entries);
  const proofs = await measureProofs(folder, half);
  return { appends, appendsPerSecond, entries, ...proofs, ...(await measureFsck(folder, entries)) };
}

async function measureAppends(folder: string, appends: number): Promise<number> {
  const log = await openLog({ folder, keys: KEYS });
  const startMs = performance.now();
  for (let round = 0; round < appends; round++) await log.append(incidentOf(round));
  return Math.round((appends * 1000) / (performance.now() - startMs));
}

/** Writes the log; returns the tree of its first half. */
async function writeLargeLog(folder: string, entries: number): Promise<TreeHead> {
  await mkdir(join(folder, 'records'), { recursive: true });
  const leaves: Bytes[] = [];
  let half = createMerkleFrontier();
  for (const record of records(entries)) {
    const { path, envelope, leaf } = sign(record);
    await writeFile(join(folder, path), envelope);
    leaves.push(leaf);
    if (leaves.length <= entries / 2) half = appendLeaf(half, hashLeaf(leaf));
  }
  for (const [path, bytes] of createLargeLog(KEYS, leaves)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
  return { size: half.size, root: frontierRoot(half) };
}

/** A job of one round, and then a chain of records about administration, which there may be any number of. */
function* records(entries: number): Generator<LogRecord> {
  const first = sampleRecords(1);
  yield* first;
  const root = hashOf('root of a range');
  let previousRecord: Digest | '' = '';
  for (let from = 1; from <= entries - first.length; from++) {
    const record = recordOf('administration', { from, to: from, count: 1, root, previousRecord });
    yield record;
    previousRecord = recordDigest(encodeRecord(record));
  }
}

function sign(record: LogRecord) {
  const payload = encodeRecord(record);
  const signature = RECORD_SIGNER.sign(toPae(IN_TOTO_PAYLOAD_TYPE, payload));
  const digest = recordDigest(payload);
  return {
    path: `records/${digest}.json`,
    envelope: encodeEnvelope({ payload, signature }),
    leaf: encodeLeaf({
      paeDigest: toDigestBytes(digest),
      signature,
      publicKeySpki: RECORD_SIGNER.publicKeySpki,
    }),
  };
}

async function measureProofs(folder: string, half: TreeHead) {
  const log = await openLogReader(folder);
  const head = parseCheckpoint(parseNote((await log.read('checkpoint'))!).text);
  const openReader = () => createTileReader(head, (tile) => log.read(toTilePath(tile)));
  const startMs = performance.now();
  for (let i = 0n; i < PROOFS; i++) await openReader().inclusion((i * head.size) / BigInt(PROOFS));
  const inclusionMs = performance.now() - startMs;
  for (let i = 0; i < PROOFS; i++) await openReader().consistency(half);
  const consistencyMs = performance.now() - startMs - inclusionMs;
  return { inclusionProofMs: toMs(inclusionMs), consistencyProofMs: toMs(consistencyMs) };
}

function toMs(totalMs: number): number {
  return Math.round((totalMs * 100) / PROOFS) / 100;
}

async function measureFsck(folder: string, entries: number) {
  const reader = await openLogReader(folder);
  const startMs = performance.now();
  const before = process.cpuUsage();
  const report = await fsck(reader);
  const { user, system } = process.cpuUsage(before);
  if (!report.ok || report.size !== entries)
    throw new Error(`fsck of a good log: ${JSON.stringify(report.findings.slice(0, 3))}`);
  return {
    fsckSeconds: Math.round((performance.now() - startMs) / 100) / 10,
    fsckProcessorSeconds: Math.round((user + system) / 1e5) / 10,
  };
}

function describe(measured: Measurement): string {
  const { appends, appendsPerSecond, entries, inclusionProofMs, consistencyProofMs } = measured;
  const { fsckSeconds, fsckProcessorSeconds } = measured;
  return [
    `log: ${appendsPerSecond} durable appends/s (${appends} of them);`,
    `at ${entries} entries: inclusion proof ${inclusionProofMs} ms, consistency proof ${consistencyProofMs} ms,`,
    `fsck ${fsckSeconds} s (${fsckProcessorSeconds} s of processor time)`,
  ].join(' ');
}

await main();
