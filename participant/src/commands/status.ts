// `status`: what this site is and holds, from its own files.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { memberFingerprint, Refusal, type SiteGrant } from '@blindsum/proto';
import type { Config } from '../config.ts';
import { isExpiring, renewalMs } from '../identity/certificate-renewal.ts';
import { loadGrant } from '../identity/grant-file.ts';
import { loadSiteKeys, type SiteKeys } from '../identity/site-keys.ts';
import { openSqliteJournal } from '../journal/sqlite-journal.ts';
import { describeStanding, standingOf, type Standing } from '../policy/job-standing.ts';
import type { Print } from './print.ts';

interface JobStatus {
  readonly job: string;
  readonly round: number;
  readonly modelHash: string;
  readonly isFinished: boolean;
}

export async function status(config: Config, print: Print): Promise<void> {
  const keys = await loadSiteKeys(config.stateDirectory, config.keys);
  const fingerprint = memberFingerprint(keys.member(config.site));
  const grant = await findGrant(config, keys);
  const expires = grant && new X509Certificate(grant.certificate).validToDate.toISOString();
  const models = readJobs(join(config.stateDirectory, 'models'));
  const { jobs, log } = readJournal(join(config.stateDirectory, 'journal.sqlite'));
  const coordinator = config.coordinator ?? grant?.coordinator;
  const trusted = Object.keys(config.trust.members);
  print(
    {
      site: config.site,
      federation: config.federation,
      fingerprint,
      coordinator,
      expires,
      ...(grant && {
        renews: new Date(renewalMs(grant)).toISOString(),
        isExpiring: isExpiring(grant, Date.now()),
      }),
      trusted,
      models,
      jobs,
      log,
    },
    [
      `${config.site} of ${config.federation}`,
      `fingerprint  ${fingerprint}`,
      grant
        ? `coordinator  ${coordinator}, certificate valid until ${expires}${isExpiring(grant, Date.now()) ? ': NOT RENEWED IN TIME, see the log of `run`' : ''}`
        : 'coordinator  no grant installed',
      `trusts       ${trusted.length === 0 ? 'nobody yet' : trusted.join(', ')}`,
      `policy       ${config.policy ?? 'none: it takes part in nothing'}`,
      describeLog(log),
      ...jobs.map(({ job, standing }) => `job          ${job}: ${describeStanding(standing)}`),
      ...models.map((job) => `model        ${job.job}: ${describe(job)}`),
    ].join('\n'),
  );
}

interface JournalStatus {
  /** Jobs that were decided about here, or consented to. */
  readonly jobs: readonly { readonly job: string; readonly standing: Standing }[];
  readonly log: LogStatus;
}

interface LogStatus {
  /** Of the checkpoint that is kept; 0 for none. */
  readonly size: string;
  /** Why this site contributes nothing; empty while the log is believed. */
  readonly alarm: string;
}

function readJournal(path: string): JournalStatus {
  if (!existsSync(path)) return { jobs: [], log: { size: '0', alarm: '' } };
  const journal = openSqliteJournal(path);
  try {
    const [head, alarm] = [journal.log.head(), journal.log.alarm()];
    return {
      jobs: journal.jobs().map((job) => ({ job, standing: standingOf(journal, job) })),
      log: { size: String(head?.size ?? 0n), alarm: alarm ? `${alarm.code}: ${alarm.detail}` : '' },
    };
  } finally {
    journal.close();
  }
}

function describeLog({ size, alarm }: LogStatus): string {
  if (alarm !== '') return `log          CONTRIBUTES NOTHING, see log show: ${alarm}`;
  return `log          ${size === '0' ? 'not seen yet' : `${size} entries seen`}`;
}

async function findGrant(config: Config, keys: SiteKeys): Promise<SiteGrant | undefined> {
  if (!existsSync(join(config.stateDirectory, 'grant.json'))) return undefined;
  return loadGrant(config.stateDirectory, { name: config, keys });
}

function readJobs(folder: string): JobStatus[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((job) => {
    const latest = join(folder, job, 'latest.json');
    if (!existsSync(latest)) return [];
    const isFinished = existsSync(join(folder, job, 'final.bin'));
    return [{ job, ...readLatest(latest), isFinished }];
  });
}

function readLatest(path: string): Pick<JobStatus, 'round' | 'modelHash'> {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Pick<JobStatus, 'round' | 'modelHash'>;
  } catch (cause) {
    throw new Refusal('CONFIG_INVALID', `${path}: cannot be read`, { cause });
  }
}

function describe({ round, modelHash, isFinished }: JobStatus): string {
  return `${isFinished ? 'finished' : `model of round ${round}`}, ${modelHash}`;
}
