// What a site spends on one update of a million parameters at 16 bits: processor time of encryption and decryption on one
// core, and bytes on the wire. `--json` prints the same for machines; `--parameters`, `--sites` and `--runs` change the size.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  commitmentCodec,
  generateSharingKey,
  reconstructSum,
  SEALED_SHARE_BYTES,
  SIGNATURE_BYTES,
  type Digest,
  type SiteId,
} from '@blindsum/proto';
import { hashLeaf } from '@blindsum/proto/node';
import { inclusionProof } from '@blindsum/proto/tlog';
import { EngineSupply } from '../participant/src/encryption/engine-supply.ts';
import { openShares } from '../participant/src/encryption/key-shares.ts';
import { decryptSum } from '../participant/src/encryption/sum-decryptor.ts';
import {
  encryptUpdate,
  type EncryptedUpdate,
  type EncryptionTask,
} from '../participant/src/encryption/update-encryptor.ts';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    parameters: { type: 'string', default: '1000000' },
    sites: { type: 'string', default: '3' },
    runs: { type: 'string', default: '9' },
  },
});
const parameters = Number(options.parameters);
const sites = Number(options.sites);
const BITS = 16;
const WARM_UP_RUNS = 10;
const CONTEXT = '00'.repeat(32) as Digest;
const folder = mkdtempSync(join(tmpdir(), 'blindsum-bench-'));
const files = { ciphertext: join(folder, 'ciphertext'), shares: join(folder, 'shares') };
const engines = new EngineSupply();
const keys = Array.from({ length: sites }, () => generateSharingKey(randomBytes(32)));

interface Measured<T> {
  readonly result: T;
  /** Processor time of this process, all threads. */
  readonly cpuNs: number;
  readonly wallNs: number;
}

async function measure<T>(work: () => Promise<T>): Promise<Measured<T>> {
  const [cpu, start] = [process.cpuUsage(), process.hrtime.bigint()];
  const result = await work();
  const { user, system } = process.cpuUsage(cpu);
  return { result, cpuNs: 1000 * (user + system), wallNs: Number(process.hrtime.bigint() - start) };
}

function encryptionTask(): EncryptionTask {
  const values = Float32Array.from({ length: parameters }, (_, i) => Math.sin(i) / 2);
  const tensors = [{ offset: 0, size: parameters, rangeExponent: 0 }];
  const payload = { header: [1000, 0], update: { values, weight: 1, tensors, firstClipField: 1 } };
  const sharingKeys = keys.map(({ publicKey }) => publicKey);
  return {
    context: CONTEXT,
    bits: BITS,
    capacity: keys.length,
    threshold: 1,
    payload,
    files,
    sharingKeys,
    ownIndex: 1,
  };
}

/** The key of the only contributor, from its share for site 1: the threshold is 1. */
function openKey({ ciphertextRoot, shareRoot }: EncryptedUpdate): Int32Array {
  const bundle = readFileSync(files.shares);
  const records = keys.map((_, i) => bundle.subarray(i * SEALED_SHARE_BYTES, (i + 1) * SEALED_SHARE_BYTES));
  const proof = inclusionProof(records.map(hashLeaf), 0);
  const dealt = { from: 1, bundleRoot: shareRoot, ciphertextRoot, sealed: records[0]!, proof };
  const recipient = { context: CONTEXT, ownIndex: 1, sites, secretKey: keys[0]!.secretKey };
  const { sum } = openShares({ ...recipient, shares: [dealt] });
  return reconstructSum({ shares: new Map([[1, sum!]]), threshold: 1, bound: 1 });
}

async function runOnce() {
  const task = encryptionTask();
  // As at a site, where an engine is made while the thread that encrypts has nothing to do; reported by itself.
  const setUp = await measure(() => engines.prepare());
  const encryption = await measure(() => encryptUpdate(task, () => undefined, engines.take));
  const { ciphertextRoot, chunks, shareRoot } = encryption.result;
  const keySum = openKey(encryption.result);
  await engines.prepare();
  const decryption = await measure(() =>
    decryptSum(
      {
        context: CONTEXT,
        sum: { path: files.ciphertext, root: ciphertextRoot },
        layout: { bits: BITS, sites, headerIntegers: 2, values: parameters },
        contributors: 1,
        keySum,
      },
      () => undefined,
      engines.take,
    ),
  );
  const own = { site: 'hospital-a' as SiteId, signingKey: '0'.repeat(64), sharingKey: '' };
  const commitment = { context: CONTEXT, site: own.site, ciphertextRoot, chunks, shareRoot };
  const signed = commitmentCodec.encode(commitment, { members: [own] }).length + SIGNATURE_BYTES;
  const wireBytes = statSync(files.ciphertext).size + statSync(files.shares).size + signed;
  return { setUp, encryption, decryption, wireBytes };
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;
}

try {
  const runs: Awaited<ReturnType<typeof runOnce>>[] = [];
  // Not counted: a site runs for days, and V8 compiles hot code in its first rounds, on threads that are measured too.
  for (let i = 0; i < WARM_UP_RUNS; i++) await runOnce();
  for (let i = 0; i < Number(options.runs); i++) runs.push(await runOnce());
  const perParameter = (of: (run: (typeof runs)[number]) => number) => median(runs.map(of)) / parameters;
  const report = {
    parameters,
    sites,
    bits: BITS,
    setUpCpuMs: Math.round(median(runs.map((run) => run.setUp.cpuNs)) / 1e6),
    encryptCpuNsPerParameter: Math.round(perParameter((run) => run.encryption.cpuNs)),
    encryptCpuNsPerParameterAtBest: Math.round(
      Math.min(...runs.map((run) => run.encryption.cpuNs)) / parameters,
    ),
    encryptWallNsPerParameter: Math.round(perParameter((run) => run.encryption.wallNs)),
    decryptCpuNsPerParameter: Math.round(perParameter((run) => run.decryption.cpuNs)),
    decryptWallNsPerParameter: Math.round(perParameter((run) => run.decryption.wallNs)),
    wireBytesPerParameter: Number(perParameter((run) => run.wireBytes).toFixed(3)),
  };
  const line =
    `${parameters} parameters at ${BITS} bits, ${sites} sites: encrypt ${report.encryptCpuNsPerParameter} ns (fastest run ${report.encryptCpuNsPerParameterAtBest}), ` +
    `decrypt ${report.decryptCpuNsPerParameter} ns of processor time per parameter ` +
    `(and ${report.setUpCpuMs} ms beforehand for each, while the site trains), ` +
    `${report.wireBytesPerParameter} bytes per parameter on the wire`;
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : `${line}\n`);
} finally {
  rmSync(folder, { recursive: true });
}
