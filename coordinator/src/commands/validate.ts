// `blindsum-coordinator validate`: checks a job file and says what it would cost, here or where the coordinator runs.
import { basename } from 'node:path';
import { Refusal } from '@blindsum/proto';
import { namingFile } from '@blindsum/proto/node';
import type { components } from '@blindsum/admin-client';
import { loadConfig } from '../config.ts';
import { checkJobFile, jobCost, assumedRoster } from '../job-validation.ts';
import { toUploadRoom, verifyRoom } from '../uploads/upload-demand.ts';
import { loadJobFile, type Output } from './operator.ts';
import { answered, connect, type Target } from './target.ts';

export interface ValidateOptions {
  /** Size of the roster; 3 unless given. */
  readonly sites: number | undefined;
  /** Configuration of the coordinator whose limits the job is to keep; none are looked at without one. */
  readonly configPath: string | undefined;
  /** The running coordinator that checks it, by its own roster and limits; undefined: it is checked here. */
  readonly target: Target | undefined;
}

interface Report extends Omit<ReturnType<typeof jobCost>, 'job' | 'minimum'> {
  readonly job: string;
  /** Of a running coordinator; false: it was checked for made-up members. */
  readonly isRosterAdopted?: boolean;
}

const ASSUMED_SITES = 3;

/** Refuses CONFIG_INVALID, MANIFEST_INVALID, MODEL_MISMATCH or QUOTA_EXCEEDED with the file and the place. */
export async function validate(path: string, options: ValidateOptions, output: Output): Promise<void> {
  const file = await loadJobFile(path);
  const report = options.target ? await ask(path, file, options) : await check(path, file, options);
  if (output.json) return output.print(JSON.stringify(report));
  const assumed = report.isRosterAdopted === false ? ' (there is no roster yet)' : '';
  output.print(
    `${report.job} is valid for ${report.sites} sites${assumed}: ${report.parameters} parameters, ${report.rounds} training rounds, ` +
      `${report.uploadBytesPerRound} bytes uploaded by each site in each, ${report.threshold} sites needed to open a sum`,
  );
}

async function check(path: string, file: unknown, options: ValidateOptions): Promise<Report> {
  const { sites = ASSUMED_SITES, configPath } = options;
  const manifest = namingFile(path, () => checkJobFile(file, assumedRoster(sites)));
  if (configPath !== undefined) {
    const config = await loadConfig(configPath);
    namingFile(path, () => verifyRoom(manifest, sites, toUploadRoom(config)));
  }
  const { minimum: _, ...report } = jobCost(manifest, sites);
  return report;
}

async function ask(path: string, file: unknown, { sites, target }: ValidateOptions): Promise<Report> {
  if (sites !== undefined)
    throw new Refusal('CONFIG_INVALID', '--sites: the coordinator that is asked has a roster of its own');
  const client = await connect(target!);
  const body = file as components['schemas']['JobFile'];
  const { problems, summary } = await answered(client.POST('/v1/jobs/validate', { body }));
  if (summary === null) throw toRefusal(path, problems);
  const { minimum: _, ...report } = summary;
  return report;
}

type Problems = components['schemas']['JobValidation']['problems'];

function toRefusal(path: string, problems: Problems): Error {
  const details = problems.map((problem) =>
    problem.path === '' ? problem.message : `${problem.path}: ${problem.message}`,
  );
  const code = (problems[0]?.code ?? 'MANIFEST_INVALID') as Refusal['code'];
  return new Refusal(code, `${basename(path)}: ${details.join('; ')}`);
}
