// `blindsum-coordinator validate`: checks a job file without a coordinator, and says what it would cost.
import { basename } from 'node:path';
import { Refusal } from '@blindsum/proto';
import { loadConfig } from '../config.ts';
import { checkJobFile, jobCost, assumedRoster } from '../job-validation.ts';
import { toUploadRoom, verifyRoom } from '../uploads/upload-demand.ts';
import { loadJobFile, type Output } from './operator.ts';

export interface ValidateOptions {
  /** Size of the roster. */
  readonly sites: number;
  /** Configuration of the coordinator whose limits the job is to keep; none are looked at without one. */
  readonly configPath: string | undefined;
}

/** Refuses CONFIG_INVALID, MANIFEST_INVALID, MODEL_MISMATCH or QUOTA_EXCEEDED with the file and the place. */
export async function validate(
  path: string,
  { sites, configPath }: ValidateOptions,
  output: Output,
): Promise<void> {
  const file = await loadJobFile(path);
  const manifest = namingFile(path, () => checkJobFile(file, assumedRoster(sites)));
  if (configPath !== undefined) {
    const config = await loadConfig(configPath);
    namingFile(path, () => verifyRoom(manifest, sites, toUploadRoom(config)));
  }
  const { minimum: _, ...report } = jobCost(manifest, sites);
  if (output.json) return output.print(JSON.stringify(report));
  output.print(
    `${report.job} is valid for ${sites} sites: ${report.parameters} parameters, ${report.rounds} training rounds, ` +
      `${report.uploadBytesPerRound} bytes uploaded by each site in each, ${report.threshold} sites needed to open a sum`,
  );
}

function namingFile<T>(path: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof Refusal) {
      throw new Refusal(error.code, `${basename(path)}: ${error.detail}`, { cause: error });
    }
    throw error;
  }
}
