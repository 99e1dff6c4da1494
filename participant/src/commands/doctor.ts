// `doctor`: what is wrong at this site, and what to do about it.
import { describeDiagnosis, EXIT, fails, Refusal, toDiagnosis, type Diagnosis } from '@blindsum/proto';
import { loadConfig } from '../config.ts';
import { diagnoseSite } from '../doctor/diagnose-site.ts';
import type { Print } from './print.ts';

/** Prints the findings; resolves to the exit status: whether something failed. */
export async function doctor(configPath: string, print: Print): Promise<number> {
  const diagnosis = await diagnose(configPath);
  print(diagnosis, describeDiagnosis(diagnosis).join('\n'));
  return diagnosis.ok ? EXIT.ok : EXIT.failed;
}

async function diagnose(path: string): Promise<Diagnosis> {
  try {
    const config = await loadConfig(path);
    return await diagnoseSite(config, Date.now());
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'CONFIG_INVALID') throw error;
    const advice =
      'correct the place that is named; `blindsum-site init` writes a configuration with every setting';
    return toDiagnosis([fails('configuration', error.detail, advice)]);
  }
}
