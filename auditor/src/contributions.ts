// Goes through the archived ciphertexts of a set, part by part: once for their roots and their sum, once for their checksums, whose
// challenge rests on the root of the sum (PROTOCOL.md section 5). Memory is that of four parts, however many sites and parts.
import {
  checksumChallenge,
  checksumKeys,
  CHUNK_BYTES,
  CHUNKS_PER_PART,
  createWasmKernel,
  encodePart,
  N,
  parsePart,
  partBytes,
  PART_BYTES,
  partCount,
  Q,
  Refusal,
  refuseUnless,
  toHex,
  type Bytes,
  type ChecksumSubject,
  type Digest,
  type ModularKernel,
} from '@blindsum/proto';
import { hashLeaf, nodeKeyStream } from '@blindsum/proto/node';
import { appendLeaf, createMerkleFrontier, frontierRoot, type MerkleFrontier } from '@blindsum/proto/tlog';
import type { ArchivedCiphertext } from './archive.ts';
import { toFindingOrGap, type Finding } from './finding.ts';

/** What a member contributed, as it signed it, and where the bytes lie. */
export interface Contribution {
  readonly member: Digest;
  readonly ciphertextRoot: Digest;
  readonly ciphertext: ArchivedCiphertext;
}

/** Buffers of one part each, used by one pass at a time. */
export interface PartMemory {
  readonly kernel: ModularKernel;
  readonly sum: BigUint64Array;
  readonly term: BigUint64Array;
  /** One for each repetition of the checksum. */
  readonly challenges: readonly BigUint64Array[];
}

const COEFFICIENTS_PER_PART = PART_BYTES / 8;

export function createPartMemory(): PartMemory {
  const kernel = createWasmKernel();
  const [sum, term, first, second] = Array.from({ length: 4 }, () => kernel.allocate(COEFFICIENTS_PER_PART));
  return { kernel, sum: sum!, term: term!, challenges: [first!, second!] };
}

/** Told after each part of each ciphertext, in both passes. */
export type OnPart = () => void;

export interface Pass {
  readonly memory: PartMemory;
  /** Of every ciphertext of the set. */
  readonly chunks: number;
  readonly onPart: OnPart;
}

export interface AddedUp {
  /** What is wrong with ciphertexts; code UNAVAILABLE where one could not be read. */
  readonly findings: readonly Finding[];
  /** Those that are what was committed to. */
  readonly sound: readonly Contribution[];
  /** Root of the sum; of no meaning unless all are sound. */
  readonly sumRoot: Digest;
}

/** Reads every ciphertext once: length, range and root of each, and the root of the sum. */
export async function addUp(contributions: readonly Contribution[], pass: Pass): Promise<AddedUp> {
  const { memory, chunks } = pass;
  const findings: Finding[] = [];
  const readers = contributions.map((contribution) => ({ contribution, frontier: createMerkleFrontier() }));
  const drop = (member: Digest, error: unknown): undefined => {
    findings.push(toFindingOrGap(error, { prefix: `contribution of ${member}: ` }));
  };
  let open = await keep(readers, ({ contribution }) =>
    verifyLength(contribution, chunks).catch((error: unknown) => drop(contribution.member, error)),
  );
  let sumFrontier = createMerkleFrontier();
  for (let index = 0; index < partCount(chunks) && open.length > 0; index++) {
    memory.sum.fill(0n);
    open = await keep(open, (reader) =>
      addPart(reader, index, pass).catch((error: unknown) => drop(reader.contribution.member, error)),
    );
    const part = memory.sum.subarray(0, partBytes(index, chunks) / 8);
    sumFrontier = appendLeaf(sumFrontier, hashLeaf(encodePart(part)));
  }
  open = await keep(open, async (reader) => {
    try {
      verifyRoot(reader);
      return true;
    } catch (error) {
      return drop(reader.contribution.member, error);
    }
  });
  const sound = open.map(({ contribution }) => contribution);
  return { findings, sound, sumRoot: rootOf(sumFrontier) };
}

interface CiphertextReader {
  readonly contribution: Contribution;
  frontier: MerkleFrontier;
}

async function keep<T>(all: readonly T[], isKept: (item: T) => Promise<true | undefined>): Promise<T[]> {
  const kept: T[] = [];
  for (const item of all) if (await isKept(item)) kept.push(item);
  return kept;
}

async function verifyLength({ ciphertext }: Contribution, chunks: number): Promise<true> {
  const size = await ciphertext.size();
  const expected = chunks * CHUNK_BYTES;
  refuseUnless(size === expected, 'PART_BAD_LENGTH', `it has ${size} bytes, not ${expected}`);
  return true;
}

async function addPart(reader: CiphertextReader, index: number, pass: Pass): Promise<true> {
  const { memory, chunks } = pass;
  const part = await readPart(reader.contribution, index, pass);
  parsePart(encodePart(part), { index, chunks });
  reader.frontier = appendLeaf(reader.frontier, hashLeaf(encodePart(part)));
  memory.kernel.addInto(memory.sum.subarray(0, part.length), part);
  pass.onPart();
  return true;
}

function verifyRoot({ contribution, frontier }: CiphertextReader): void {
  const { ciphertextRoot, ciphertext } = contribution;
  const isSame = rootOf(frontier) === ciphertextRoot;
  refuseUnless(isSame, 'ROOT_MISMATCH', `${ciphertext.path} is not what the site committed to`);
}

export interface Checksums {
  /** Of each contribution, one value for each repetition, in their order. */
  readonly values: readonly (readonly bigint[])[];
  /** Of the sum of them all. */
  readonly total: readonly bigint[];
}

/** Reads every ciphertext once more: the checksum of each and of their sum under the challenges of `subject`. Refuses UNAVAILABLE. */
export async function sumUpChecksums(
  contributions: readonly Contribution[],
  subject: ChecksumSubject,
  pass: Pass,
): Promise<Checksums> {
  const { memory, chunks } = pass;
  const keys = checksumKeys(subject);
  const values = contributions.map(() => keys.map(() => 0n));
  const total = keys.map(() => 0n);
  for (let index = 0; index < partCount(chunks); index++) {
    const length = partBytes(index, chunks) / 8;
    const challenges = writeChallenges(memory, keys, { index, length });
    const sum = memory.sum.subarray(0, length).fill(0n);
    for (const [i, contribution] of contributions.entries()) {
      const part = await readPart(contribution, index, pass);
      addDots(memory.kernel, values[i]!, challenges, part);
      memory.kernel.addInto(sum, part);
      pass.onPart();
    }
    addDots(memory.kernel, total, challenges, sum);
  }
  return { values, total };
}

/** The challenges of a part's chunks one after another: <r, c> over a part is the sum of those over its chunks. */
function writeChallenges(
  { challenges }: PartMemory,
  keys: readonly Bytes[],
  { index, length }: { index: number; length: number },
): BigUint64Array[] {
  return keys.map((key, i) => {
    const challenge = challenges[i]!.subarray(0, length);
    for (let at = 0; at < length; at += N)
      checksumChallenge(nodeKeyStream, key, index * CHUNKS_PER_PART + at / N, challenge.subarray(at, at + N));
    return challenge;
  });
}

function addDots(
  kernel: ModularKernel,
  sums: bigint[],
  challenges: readonly BigUint64Array[],
  part: BigUint64Array,
): void {
  challenges.forEach((challenge, i) => (sums[i] = (sums[i]! + kernel.dot(challenge, part)) % Q));
}

async function readPart({ ciphertext }: Contribution, index: number, pass: Pass): Promise<BigUint64Array> {
  const part = pass.memory.term.subarray(0, partBytes(index, pass.chunks) / 8);
  try {
    await ciphertext.readInto(index * PART_BYTES, encodePart(part));
  } catch (error) {
    if (error instanceof Refusal) throw new Refusal(error.code, `part ${index}: ${error.detail}`);
    throw error;
  }
  return part;
}

function rootOf(frontier: MerkleFrontier): Digest {
  return toHex(frontierRoot(frontier)) as Digest;
}
