// From a job's name to a session that can run: review, ask the policy, load the rows, bind the site to the job, consent.
import { sharingKeyOf, type DataSchema, type JobId } from '@blindsum/proto';
import { CheckpointFiles } from './checkpoint-files.ts';
import type { Config } from './config.ts';
import type { SiteDataSource } from './data/site-data.ts';
import type { Split } from './data/split.ts';
import type { Encryptor } from './encryption/encryptor.ts';
import type { SiteKeys } from './identity/site-keys.ts';
import type { Journal } from './journal/journal.ts';
import { LocalLearner, type LearnerSetup } from './local-learner.ts';
import { ModelStore } from './model-store.ts';
import type { Clock, Coordinator, Transfers } from './ports.ts';
import { verifyPermitted } from './policy/permission.ts';
import type { PolicySource } from './policy/policy-file.ts';
import { reviewJob, signConsent } from './review-job.ts';
import { RoundFiles } from './round-files.ts';
import { RoundMemory, type Session } from './session-context.ts';
import type { Report } from './session-progress.ts';

/** What lasts longer than one job. */
export interface Site {
  readonly config: Config;
  readonly policy: PolicySource;
  readonly keys: SiteKeys;
  readonly coordinator: Coordinator;
  readonly transfers: Transfers;
  readonly encryptor: Encryptor;
  readonly journal: Journal;
  /** The site's rows; refuses DATA_INVALID. */
  readonly readData: (source: SiteDataSource, schema: DataSchema) => Promise<Split>;
  readonly openTrainer: LearnerSetup['openTrainer'];
  readonly clock: Clock;
  readonly report: Report;
}

/**
 * Consents to a job and opens its session; the consent is in the journal before it is sent. Refuses as reviewJob and
 * verifyPermitted do, CONFIG_INVALID while the policy has a mistake, DATA_INVALID when the rows do not fit the job, and CONFLICTING_SUBMISSION when this site consented to another job under
 * the same name.
 */
export async function openSession(site: Site, job: JobId): Promise<Session> {
  const { config, keys, coordinator, journal, report } = site;
  const policy = await site.policy.current();
  const rules = { ...config, policy };
  const terms = reviewJob(job, await coordinator.job(job), rules, keys.member(config.site));
  // A site that has consented withdraws instead, and brings the round that goes on to its end.
  if (journal.consent(job) === undefined) verifyPermitted(terms, policy, journal);
  // A key that cannot be used would otherwise show in the middle of a round.
  for (const member of terms.roster.members) sharingKeyOf(member);
  const { manifest, manifestHash, rosterHash, roster } = terms;
  const data = await site.readData(config.data, manifest.data);
  const sites = roster.members.length;
  const learner = new LocalLearner({
    manifest,
    site: config.site,
    sites,
    data,
    openTrainer: site.openTrainer,
  });
  const message = signConsent(terms, keys.signer.sign);
  const consent = journal.recordConsent(job, { manifestHash, rosterHash, message });
  await coordinator.sendConsent(job, consent.message);
  report({ event: 'consented', job, examples: data.training.rows, holdout: data.holdout.rows });
  return {
    ...site,
    terms,
    learner,
    keys: { sign: keys.signer.sign, sharingSecret: keys.sharingSecret },
    files: new RoundFiles(config.stateDirectory),
    checkpoints: new CheckpointFiles(config.stateDirectory),
    models: new ModelStore(config.stateDirectory, manifest),
    memory: new RoundMemory(),
  };
}
