// `blindsum-coordinator doctor`: what is wrong, and what to do about it.
import { describeDiagnosis, EXIT, fails, Refusal, toDiagnosis, type Diagnosis } from '@blindsum/proto';
import { loadConfig, type Config } from '../config.ts';
import { diagnoseCoordinator } from '../doctor/diagnose-coordinator.ts';
import type { Status } from './answers.ts';
import type { Output } from './operator.ts';
import { answered, connect } from './target.ts';

/** Prints the findings; resolves to the exit status: whether something failed. */
export async function doctor(
  configPath: string,
  { clock }: { readonly clock: string | undefined },
  output: Output,
): Promise<number> {
  const diagnosis = await diagnose(configPath, clock);
  if (output.json) output.print(JSON.stringify(diagnosis));
  else for (const line of describeDiagnosis(diagnosis)) output.print(line);
  return diagnosis.ok ? EXIT.ok : EXIT.failed;
}

async function diagnose(configPath: string, clock: string | undefined): Promise<Diagnosis> {
  let config: Config;
  try {
    config = await loadConfig(configPath);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const advice =
      'correct the place that is named; `blindsum-coordinator init` writes a configuration with every setting';
    return toDiagnosis([fails('configuration', error.detail, advice)]);
  }
  return diagnoseCoordinator({ config, clock, status: await askStatus(configPath) });
}

async function askStatus(configPath: string): Promise<Status | undefined> {
  try {
    return await answered((await connect(configPath)).GET('/v1/status'));
  } catch (error) {
    if (error instanceof Refusal && error.code === 'UNAVAILABLE') return undefined;
    throw error;
  }
}
