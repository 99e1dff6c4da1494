// scripts/fuzz: see arguments.ts.
import { randomBytes } from 'node:crypto';
import type { FuzzTarget } from '../../test/fuzz/fuzz-target.ts';
import { FUZZ_TARGETS } from '../../test/fuzz/fuzz-targets.ts';
import { describeFinding, fuzz, type Finding } from '../../test/fuzz/fuzz-run.ts';
import { UsageError } from '../demonstration/arguments.ts';
import { parseArguments, USAGE, type FuzzOptions } from './arguments.ts';

/** Inputs of a target before the next one has its turn. */
const TURN = 500;

async function main(): Promise<number> {
  const options = parseArguments(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(USAGE);
    return 0;
  }
  const targets = FUZZ_TARGETS.filter(({ name }) => name.startsWith(options.only));
  if (targets.length === 0)
    throw new UsageError(`--only: no parser of that name; there are ${names(FUZZ_TARGETS)}`);
  const seed = options.seed ?? randomBytes(6).toString('hex');
  process.stdout.write(`seed ${seed}: ${targets.length} parsers\n`);
  const findings = await run(targets, { ...options, seed });
  process.stdout.write(findings === 0 ? 'nothing found\n' : `${findings} findings\n`);
  return findings === 0 ? 0 : 1;
}

async function run(
  targets: readonly FuzzTarget[],
  { at, seconds, seed }: FuzzOptions & { seed: string },
): Promise<number> {
  if (at !== undefined) return report((await fuzz(targets[0]!, seed, { from: at, to: at + 1 })).findings);
  const endMs = performance.now() + seconds * 1000;
  let [inputs, findings] = [0, 0];
  for (let turn = 0; performance.now() < endMs; turn++) {
    for (const target of targets) {
      const count = Math.ceil(TURN * (target.weight ?? 1));
      const outcome = await fuzz(target, seed, { from: turn * count, to: (turn + 1) * count });
      inputs += outcome.inputs;
      findings += report(outcome.findings);
      if (performance.now() >= endMs) break;
    }
  }
  process.stdout.write(`${inputs} inputs\n`);
  return findings;
}

function report(findings: readonly Finding[]): number {
  for (const finding of findings) process.stdout.write(`${describeFinding(finding)}\n`);
  return findings.length;
}

const names = (targets: readonly FuzzTarget[]) => targets.map(({ name }) => name).join(', ');

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`fuzz: ${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
}
