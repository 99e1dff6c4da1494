// Measures the coordinator's sum: node_modules/.bin/node scripts/bench-aggregation.ts [--sites 8] [--parameters 10000000]
// [--workers 1] [--root directory] [--json]. Ciphertexts are written first, so the sum reads what the page cache holds of them.
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  N,
  PART_BYTES,
  partBytes,
  partCount,
  toHex,
  type Digest,
  type JobId,
  type SiteId,
} from '@blindsum/proto';
import { bulkHash, nodeKeyStream } from '@blindsum/proto/node';
import { createAggregator } from '../coordinator/src/aggregation/aggregator.ts';
import type { SumTask } from '../coordinator/src/ports.ts';
import { createFileBlobStore } from '../coordinator/src/storage/file-blob-store.ts';

interface Settings {
  readonly sites: number;
  readonly parameters: number;
  readonly workers: number;
  readonly root: string;
}

interface Measurement {
  readonly sites: number;
  readonly parameters: number;
  readonly workers: number;
  readonly seconds: number;
  /** Wall time of the whole sum, checksums and disk included. */
  readonly nanosecondsPerParameterAndSite: number;
  /** The same in processor time of all threads. */
  readonly processorNanosecondsPerParameterAndSite: number;
  /** Largest resident memory of the process, in MiB, and before the sum. */
  readonly peakMemoryMiB: number;
  readonly startMemoryMiB: number;
}

/** 16 bits a value: two parameters to a coefficient (PROTOCOL.md section 6). */
const PARAMETERS_PER_COEFFICIENT = 2;

async function main(): Promise<void> {
  const options = {
    sites: { type: 'string', default: '8' },
    parameters: { type: 'string', default: '10000000' },
    workers: { type: 'string', default: '1' },
    root: { type: 'string', default: tmpdir() },
    json: { type: 'boolean', default: false },
  } as const;
  const { values } = parseArgs({ options });
  const root = await mkdtemp(join(values.root, 'blindsum-bench-'));
  try {
    const counts = { sites: Number(values.sites), parameters: Number(values.parameters) };
    const measured = await measure({ ...counts, workers: Number(values.workers), root });
    process.stdout.write(`${values.json ? JSON.stringify(measured) : describe(measured)}\n`);
  } finally {
    await rm(root, { recursive: true });
  }
}

async function measure({ sites, parameters, workers, root }: Settings): Promise<Measurement> {
  const task = await writeCiphertexts(root, sites, Math.ceil(parameters / PARAMETERS_PER_COEFFICIENT / N));
  const aggregator = createAggregator({ root, workers });
  await aggregator.sum(await writeCiphertexts(root, 1, 1));
  const startMemoryMiB = toMiB(process.memoryUsage().rss);
  const [started, usage] = [process.hrtime.bigint(), process.cpuUsage()];
  await aggregator.sum(task);
  const nanoseconds = Number(process.hrtime.bigint() - started);
  const { user, system } = process.cpuUsage(usage);
  await aggregator.close();
  const each = sites * parameters;
  return {
    sites,
    parameters,
    workers: Math.max(1, Math.min(workers, availableParallelism() - 1)),
    seconds: round(nanoseconds / 1e9),
    nanosecondsPerParameterAndSite: round(nanoseconds / each),
    processorNanosecondsPerParameterAndSite: round(((user + system) * 1000) / each),
    peakMemoryMiB: Math.round(process.resourceUsage().maxRSS / 1024),
    startMemoryMiB,
  };
}

/** Uniform 59-bit coefficients, different at each site. */
async function writeCiphertexts(root: string, sites: number, chunks: number): Promise<SumTask> {
  const blobs = createFileBlobStore(root);
  const members = Array.from({ length: sites }, (_, i) => `site-${i}` as SiteId);
  const id = { job: 'bench' as JobId, round: chunks, attempt: sites };
  for (const owner of members) {
    const key = bulkHash(new TextEncoder().encode(owner));
    for (let index = 0; index < partCount(chunks); index++) {
      const part = nodeKeyStream(key, index * PART_BYTES, partBytes(index, chunks));
      for (let at = 7; at < part.length; at += 8) part[at]! &= 0x07;
      await blobs.append({ id, kind: 'ciphertext', owner }, index * PART_BYTES, part);
    }
  }
  const set = { setAttempt: 1, root: digestOf(`set of ${sites}`), members, excluded: [] };
  return { id, context: digestOf('context'), set, chunks };
}

function describe(measured: Measurement): string {
  const { sites, parameters, workers, seconds } = measured;
  return [
    `sum of ${sites} sites x ${parameters} parameters, ${workers} worker(s): ${seconds} s,`,
    `${measured.nanosecondsPerParameterAndSite} ns per parameter and site`,
    `(${measured.processorNanosecondsPerParameterAndSite} ns of processor time),`,
    `memory ${measured.peakMemoryMiB} MiB at most, ${measured.startMemoryMiB} MiB before`,
  ].join(' ');
}

function digestOf(text: string): Digest {
  return toHex(bulkHash(new TextEncoder().encode(text))) as Digest;
}

const toMiB = (bytes: number): number => Math.round(bytes / 2 ** 20);
const round = (value: number): number => Number(value.toPrecision(4));

await main();
