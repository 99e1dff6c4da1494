// Feeds a target with hostile inputs, and finds what is neither an answer nor a refusal: another error, a slow path, much memory.
import { createHash } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Refusal, type Bytes } from '@blindsum/proto';
import { SeededRandom } from '../simulation/seeded-random.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { MAX_INPUT_BYTES, mutate } from './mutations.ts';

/** Of a target that sets no other limit. */
const MAX_CPU_MS = 100;
export const MAX_ALLOCATED_BYTES = 100 << 20;
/** A path that is slow is so each time. */
const TRIES = 7;
/** An input that takes this long is looked at alone. */
const SUSPICIOUS_MS = 20;
/** Every so many inputs one is weighed, suspicious or not. */
const WEIGH_EVERY = 64;

export interface Finding {
  readonly target: string;
  readonly seed: string;
  readonly index: number;
  readonly input: Bytes;
  readonly what: string;
}

export interface FuzzOutcome {
  readonly inputs: number;
  readonly refused: number;
  /** How often each code was seen: a target that only ever says MALFORMED may not be reached at all. */
  readonly codes: ReadonlyMap<string, number>;
  readonly findings: readonly Finding[];
}

/** The input of this number; `seed` is any text. */
export function inputOf({ name, seeds }: FuzzTarget, seed: string, index: number): Bytes {
  const digest = createHash('sha256').update(`${seed}\0${name}\0${index}`).digest();
  return mutate(new SeededRandom(digest.readUInt32BE()), seeds);
}

/** Inputs `from` to `to` - 1. Stops a target after ten findings. */
export async function fuzz(
  target: FuzzTarget,
  seed: string,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<FuzzOutcome> {
  const codes = new Map<string, number>();
  const findings: Finding[] = [];
  let refused = 0;
  let index = from;
  for (; index < to && findings.length < 10; index++) {
    const input = inputOf(target, seed, index);
    const outcome = await tryInput(target, input, index % WEIGH_EVERY === 0);
    if (outcome.code !== undefined) {
      refused++;
      codes.set(outcome.code, (codes.get(outcome.code) ?? 0) + 1);
    }
    if (outcome.what !== undefined)
      findings.push({ target: target.name, seed, index, input, what: outcome.what });
  }
  return { inputs: index - from, refused, codes, findings };
}

/** What to print of a finding, and how to see it again. */
export function describeFinding({ target, seed, index, input, what }: Finding): string {
  const shown = Buffer.from(input.subarray(0, 300)).toString('base64');
  return [
    `${target}: ${what}`,
    `  input ${index} of seed ${seed}, ${input.length} bytes, base64: ${shown}${input.length > 300 ? '…' : ''}`,
    `  again: ./scripts/fuzz --only ${target} --seed ${seed} --at ${index}`,
  ].join('\n');
}

interface Outcome {
  /** Of the refusal, if it was one. */
  readonly code?: string | undefined;
  /** What is wrong; undefined if nothing is. */
  readonly what?: string | undefined;
}

async function tryInput(target: FuzzTarget, input: Bytes, isWeighed: boolean): Promise<Outcome> {
  const startMs = performance.now();
  const outcome = await judge(target, input);
  const isSuspicious = performance.now() - startMs > SUSPICIOUS_MS;
  if (outcome.what !== undefined || !(isSuspicious || isWeighed)) return outcome;
  if (isSuspicious) collectGarbage();
  return { ...outcome, what: await weigh(target, input) };
}

async function judge({ parse }: FuzzTarget, input: Bytes): Promise<Outcome> {
  try {
    const result = parse(input);
    if (result instanceof Promise) await result;
    return {};
  } catch (error) {
    if (error instanceof Refusal) return { code: error.code, what: leak(error) };
    return { what: `threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}` };
  }
}

/** Details go into logs and onto screens: short enough for both. */
function leak({ detail }: Refusal): string | undefined {
  return detail.length > 20_000 ? `a detail of ${detail.length} characters` : undefined;
}

/**
 * Again and alone: processor time, so that a busy machine finds nothing, and the least of several, so that neither a collection of
 * garbage does, nor code that was not compiled yet. Memory is what is held more than before, with the garbage of others gone.
 */
async function weigh(target: FuzzTarget, input: Bytes): Promise<string | undefined> {
  const { maxCpuMs = MAX_CPU_MS } = target;
  let [leastMs, mostBytes] = [Infinity, 0];
  for (let i = 0; i < TRIES && leastMs > maxCpuMs; i++) {
    if (i > 0) collectGarbage();
    const before = { cpu: process.cpuUsage(), bytes: heldBytes() };
    await judge(target, input);
    const { user, system } = process.cpuUsage(before.cpu);
    leastMs = Math.min(leastMs, (user + system) / 1000);
    mostBytes = Math.max(mostBytes, heldBytes() - before.bytes);
  }
  const isSmall = input.length <= MAX_INPUT_BYTES;
  if (isSmall && mostBytes > MAX_ALLOCATED_BYTES) return `allocated ${mostBytes} bytes`;
  return leastMs > maxCpuMs ? `took ${Math.round(leastMs)} ms of processor time` : undefined;
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

function heldBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
