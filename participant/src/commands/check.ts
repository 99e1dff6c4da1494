// `check`: validates the configuration and the rows against a job file, and says what this site would do. Nothing is sent.
import {
  createManifest,
  parseJobFile,
  payloadLayout,
  CHUNK_BYTES,
  SEALED_SHARE_BYTES,
  type Manifest,
  type Roster,
  type SiteId,
} from '@blindsum/proto';
import type { Config } from '../config.ts';
import { readSiteData } from '../data/site-data.ts';
import type { Split } from '../data/split.ts';
import { LocalLearner } from '../local-learner.ts';
import { createPolicyFile } from '../policy/policy-file.ts';
import type { Policy } from '../policy/policy.ts';
import { reviewPolicy, verifyAllowed } from '../policy/review-policy.ts';
import { loadYaml, namingFile } from '@blindsum/proto/node';
import type { Print } from './print.ts';

/** Fewest sites that a sum protects without a policy that says otherwise. */
const LEAST_SITES = 3;
/** A job file names no author; the key that signs its manifest does. */
const PLANNED_AUTHOR = { name: 'nobody', key: '0'.repeat(64) };

export interface CheckOptions {
  /** The job file. */
  readonly job: string;
  /** Members of the roster that the job is planned for. */
  readonly sites: number | undefined;
}

/** Refuses as the job would be refused: CONFIG_INVALID, MANIFEST_INVALID, MODEL_MISMATCH, POLICY_FORBIDS or DATA_INVALID. */
export async function check(config: Config, options: CheckOptions, print: Print): Promise<void> {
  const job = await loadYaml(options.job);
  const file = namingFile(options.job, () => parseJobFile(job));
  const { minimum } = file.contributors;
  const trusted = Object.keys(config.trust.members).length;
  const sites = options.sites ?? Math.max(trusted, minimum === 'all' ? LEAST_SITES : minimum);
  const roster = plannedRoster(config, sites);
  const manifest = createManifest(file, roster, PLANNED_AUTHOR);
  const policy = await createPolicyFile(config.policy).current();
  // Whose job it will be is in the manifest that its author signs.
  const verdicts = reviewPolicy(policy, { manifest, roster, history: { roundsOfOthers: 0 } });
  verifyAllowed(verdicts.filter(({ rule }) => rule !== 'authors'));
  const data = await readSiteData(config.data, manifest.data);
  const openTrainer = () => Promise.reject(new Error('check does not train'));
  const learner = new LocalLearner({ manifest, site: config.site, data, openTrainer });
  const outOfRange = learner.statistics().header.at(-1) ?? 0;
  const bytes = uploadBytes(manifest, sites);
  print(
    {
      job: manifest.job,
      sites,
      trainingRows: data.training.rows,
      holdoutRows: data.holdout.rows,
      outOfRange,
      parameters: manifest.model.parameters,
      rounds: manifest.rounds,
      threshold: manifest.threshold,
      uploadBytes: bytes,
    },
    describe({ config, policy, manifest, data, sites, outOfRange, bytes }),
  );
}

interface Plan {
  readonly config: Config;
  readonly policy: Policy;
  readonly manifest: Manifest;
  readonly data: Split;
  readonly sites: number;
  readonly outOfRange: number;
  readonly bytes: number;
}

function describe({ config, policy, manifest, data, sites, outOfRange, bytes }: Plan): string {
  const { contributors, model, rounds, threshold, training } = manifest;
  const opened = Math.max(contributors.minimum, policy.minContributors);
  const trusted = Object.keys(config.trust.members);
  return [
    `${config.site} would take part in ${manifest.job} with ${sites} sites.`,
    `Rows: ${data.training.rows} to train on, ${data.holdout.rows} held out; ${outOfRange} values lie outside their declared ranges${outOfRange > 0 ? ' and count as the end of the range' : ''}.`,
    `Model: ${model.parameters} parameters, ${rounds} rounds of ${training.epochs} epochs.`,
    `Each training round sends about ${Math.ceil(bytes / 1024)} KiB, encrypted; no row and no readable update leaves this site.`,
    `It helps to open sums over ${opened} or more sites, once ${threshold} of ${sites} have acknowledged them.`,
    trusted.length === 0
      ? 'It trusts nobody yet: compare fingerprints with the other sites and list them under trust.members.'
      : `It trusts ${trusted.join(', ')}, and refuses a roster with anybody else.`,
  ].join('\n');
}

function uploadBytes(manifest: Manifest, sites: number): number {
  return payloadLayout(manifest, 'training').chunks * CHUNK_BYTES + sites * SEALED_SHARE_BYTES;
}

/** A roster of the right size, for what depends on it alone: the threshold and the width of fields. */
function plannedRoster({ federation }: Config, sites: number): Roster {
  const members = Array.from({ length: sites }, (_, i) => ({
    site: `site-${i + 1}` as SiteId,
    signingKey: String(i).padStart(64, '0'),
    sharingKey: String(i).padStart(2432, '0'),
  }));
  return { federation, version: 1, previous: '', members };
}
