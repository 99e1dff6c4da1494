// `blindsum-coordinator validate`: checks a job file without a coordinator, and says what it would cost.
import { basename } from 'node:path';
import {
  CHUNK_BYTES,
  createManifest,
  parseJobFile,
  payloadLayout,
  Refusal,
  SEALED_SHARE_BYTES,
  type Roster,
  type SiteId,
} from '@blindsum/proto';
import { loadConfig } from '../config.ts';
import { toUploadRoom, verifyRoom } from '../uploads/upload-demand.ts';
import { loadJobFile, type Output } from './operator.ts';

const SIGNING_KEY_DIGITS = 64;
const SHARING_KEY_DIGITS = 2432;
const PLACEHOLDER_AUTHOR = { name: 'nobody', key: '0'.repeat(SIGNING_KEY_DIGITS) };

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
  const file = parseJobFile(await loadJobFile(path));
  const manifest = namingFile(path, () => createManifest(file, placeholderRoster(sites), PLACEHOLDER_AUTHOR));
  if (configPath !== undefined) {
    const config = await loadConfig(configPath);
    namingFile(path, () => verifyRoom(manifest, sites, toUploadRoom(config)));
  }
  const { chunks } = payloadLayout(manifest, 'training');
  const report = {
    job: manifest.job,
    sites,
    threshold: manifest.threshold,
    rounds: manifest.rounds,
    parameters: manifest.model.parameters,
    uploadBytesPerRound: chunks * CHUNK_BYTES + sites * SEALED_SHARE_BYTES,
  };
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

/** Members with keys that differ, and that nobody holds. */
function placeholderRoster(sites: number): Roster {
  const members = Array.from({ length: sites }, (_, i) => ({
    site: `site-${i + 1}` as SiteId,
    signingKey: String(i).padStart(SIGNING_KEY_DIGITS, '0'),
    sharingKey: String(i).padStart(SHARING_KEY_DIGITS, '0'),
  }));
  return { federation: 'validation.invalid', version: 1, previous: '', members };
}
