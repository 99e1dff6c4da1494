// Reads what a site keeps and makes its view of it. Everything is read anew: it may be looked at while the agent runs, and by
// another process. Nothing is written, and nobody is asked.
import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { memberFingerprint, Refusal, type SiteGrant } from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import { openActivity, type Activity } from '../activity/open-activity.ts';
import type { Config } from '../config.ts';
import { isExpiring, renewalMs } from '../identity/certificate-renewal.ts';
import { loadGrant } from '../identity/grant-file.ts';
import type { SiteKeys } from '../identity/site-keys.ts';
import type { Journal } from '../journal/journal.ts';
import { openSqliteJournal } from '../journal/sqlite-journal.ts';
import { createPolicyFile } from '../policy/policy-file.ts';
import { NOTHING_ALLOWED } from '../policy/policy.ts';
import { isLocked } from '../state-lock.ts';
import { backendChoice } from '../training/backend-choice.ts';
import { VERSION } from '../version.ts';
import { composeSiteView } from '../view/compose-site-view.ts';
import type { ReadPolicy, SiteSources } from '../view/site-sources.ts';
import type { SiteView } from '../view/site-view.ts';
import { readDiskUse } from './disk-use.ts';
import { readGpuUse } from './gpu-use.ts';

const LONG_AGO_MS = 0;

/** The state directory exists: keys are in it. */
export async function readSiteView(config: Config, keys: SiteKeys): Promise<SiteView> {
  const { stateDirectory } = config;
  const [grant, policy, gpu] = await Promise.all([findGrant(config, keys), readPolicy(config), readGpuUse()]);
  const journal = openSqliteJournal(join(stateDirectory, 'journal.sqlite'));
  let activity: Activity | undefined;
  try {
    activity = openActivity(stateDirectory);
    return composeSiteView({
      ...toSources(config, keys, { grant, policy }),
      ...{ journal: journal satisfies Journal, sent: activity.sent, work: activity.work },
      ...{ disk: readDiskUse(stateDirectory), gpu },
    });
  } finally {
    activity?.close();
    journal.close();
  }
}

interface Found {
  readonly grant: SiteGrant | undefined;
  readonly policy: ReadPolicy;
}

function toSources(config: Config, keys: SiteKeys, { grant, policy }: Found) {
  const nowMs = Date.now();
  return {
    nowMs,
    site: config.site,
    federation: config.federation,
    fingerprint: memberFingerprint(keys.member(config.site)),
    coordinator: config.coordinator ?? grant?.coordinator,
    trusted: Object.keys(config.trust.members),
    certificate: grant && toCertificate(grant, nowMs),
    policy,
    backend: backendChoice(config.training.backend, process.env),
    isRunning: isLocked(config.stateDirectory),
    version: VERSION,
    verify: verifyEd25519,
  } satisfies Omit<SiteSources, 'journal' | 'sent' | 'work' | 'disk' | 'gpu'>;
}

function toCertificate(grant: SiteGrant, nowMs: number): SiteSources['certificate'] {
  return {
    expiresMs: new X509Certificate(grant.certificate).validToDate.getTime(),
    renewsMs: renewalMs(grant),
    isExpiring: isExpiring(grant, nowMs),
  };
}

async function findGrant(config: Config, keys: SiteKeys): Promise<SiteGrant | undefined> {
  if (!existsSync(join(config.stateDirectory, 'grant.json'))) return undefined;
  // Whoever looks wants to see that it has expired.
  return loadGrant(config.stateDirectory, { name: config, keys }, LONG_AGO_MS);
}

async function readPolicy({ policy: file }: Config): Promise<ReadPolicy> {
  try {
    return { file, rules: await createPolicyFile(file).current(), problem: '' };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { file, rules: NOTHING_ALLOWED, problem: error.detail };
  }
}
