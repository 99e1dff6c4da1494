// The job as its author writes it (job.yaml), with defaults, turned into the manifest that sites consent to.
import { z } from 'zod';
import type { Author } from './author.ts';
import { parseDataSchemaConfiguration } from './data-schema.ts';
import { encodeDecimal } from './decimal.ts';
import { createInitialModel, globalModelHash } from './global-model.ts';
import { jobIdSchema } from './identifiers.ts';
import {
  defaultTolerated,
  encodeManifest,
  encodingFormat,
  leastThreshold,
  manifestLayout,
  parseManifest,
  strategyFormat,
  trainingFormat,
  verifyManifestFits,
  waitsFormat,
  type Manifest,
} from './manifest.ts';
import { modelSpecFormat } from './model-layout.ts';
import { MAX_SITES } from './parameter-set.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import type { Roster } from './roster.ts';
import { describeIssues } from './describe-issues.ts';

const decimal = z.union([z.string(), z.number()]).transform((value, context) => {
  const text = typeof value === 'string' ? value : encodeDecimal(value);
  if (text !== undefined) return text;
  context.addIssue({ code: 'custom', message: 'expected a number of at most 20 characters' });
  return z.NEVER;
});

const ALL = 'all';
/** Members that a job can have unless its file says otherwise. */
const DEFAULT_CAPACITY = 16;

const jobFileFormat = z.strictObject({
  job: jobIdSchema,
  description: z.string().max(1000).default(''),
  data: z.unknown(),
  model: z.strictObject({
    ...modelSpecFormat.shape,
    seed: z.string().min(1).max(128).optional(),
    /** Checked against the model if given. */
    parameters: z.int().min(1).optional(),
  }),
  training: z.strictObject({
    ...trainingFormat.shape,
    optimizer: z.strictObject({ kind: z.enum(['sgd', 'momentum', 'adam']), learningRate: decimal }),
    seed: trainingFormat.shape.seed.default(1),
  }),
  strategy: z.strictObject({
    kind: z.literal('fedavg').default('fedavg'),
    weighting: strategyFormat.shape.weighting.default('examples'),
    maxExamples: strategyFormat.shape.maxExamples,
    clipNorm: decimal,
  }),
  encoding: z
    .strictObject({
      bits: encodingFormat.shape.bits.default(16),
      initialRangeExponent: encodingFormat.shape.initialRangeExponent.default(-2),
    })
    .prefault({}),
  rounds: z.int().min(1).max(10000),
  /** `all` is short for `minimum: all`. */
  contributors: z.preprocess(
    (value) => (value === ALL ? { minimum: ALL } : value),
    z
      .strictObject({
        /** `all`: every member of the roster, so that no sum is ever opened without one of them. */
        minimum: z
          .union([z.literal(ALL), z.int().min(2)], { error: 'expected all, or a whole number from 2' })
          .default(3),
        allowTwoSites: z.boolean().default(false),
        tolerated: z.int().min(0).optional(),
        /** Members that a later roster may have. */
        capacity: z.int().min(2).max(MAX_SITES).optional(),
      })
      .prefault({}),
  ),
  roster: z.enum(['follow', 'fixed']).default('follow'),
  lateSites: z.enum(['next-round', 'refused']).default('next-round'),
  threshold: z.int().min(2).optional(),
  waits: z
    .strictObject({
      joinSeconds: waitsFormat.shape.joinSeconds.default(600),
      collectSeconds: waitsFormat.shape.collectSeconds.default(3600),
      graceSeconds: waitsFormat.shape.graceSeconds.default(300),
      acknowledgeSeconds: waitsFormat.shape.acknowledgeSeconds.default(120),
      checksumSeconds: waitsFormat.shape.checksumSeconds.default(120),
      openSeconds: waitsFormat.shape.openSeconds.default(120),
      attestSeconds: waitsFormat.shape.attestSeconds.default(300),
      carrySeconds: waitsFormat.shape.carrySeconds.default(7 * 24 * 3600),
    })
    .prefault({}),
  attempts: z.int().min(1).max(100).default(3),
  evaluationBins: z.int().min(8).max(1024).default(128),
});

/** A job file's values, as parsed from YAML. */
export type JobFile = z.output<typeof jobFileFormat>;

/** Parses what YAML gave; refuses CONFIG_INVALID with the place of each mistake, unknown keys included. */
export function parseJobFile(value: unknown): JobFile {
  const parsed = jobFileFormat.safeParse(value);
  if (!parsed.success) throw new Refusal('CONFIG_INVALID', describeIssues(parsed.error));
  return parsed.data;
}

/** The manifest of a job for a roster, in its author's name; refuses what no site would accept (CONFIG_INVALID, MANIFEST_INVALID, MODEL_MISMATCH). */
export function createManifest(file: JobFile, roster: Roster, author: Author): Manifest {
  const sites = roster.members.length;
  const { minimum, capacity = Math.max(DEFAULT_CAPACITY, sites) } = file.contributors;
  const tolerated = file.contributors.tolerated ?? defaultTolerated(sites);
  const data = parseDataSchemaConfiguration(file.data);
  const model = { ...file.model, seed: file.model.seed ?? file.job };
  const initialModel = createInitialModel({ data, model, encoding: file.encoding });
  const manifest: Manifest = {
    ...file,
    format: 'blindsum/v1',
    federation: roster.federation,
    author,
    parameterSet: 'bs1',
    data,
    model: {
      ...model,
      parameters: file.model.parameters ?? manifestLayout({ data, model }).parameterCount,
      initialHash: globalModelHash(initialModel),
    },
    contributors: {
      ...file.contributors,
      minimum: minimum === ALL ? sites : minimum,
      all: minimum === ALL,
      ...{ tolerated, capacity },
    },
    threshold: file.threshold ?? leastThreshold(sites, tolerated),
    modelVisibility: 'sites',
  };
  const least = leastThreshold(sites, tolerated);
  refuseUnless(
    manifest.threshold >= least && manifest.threshold <= sites,
    'MANIFEST_INVALID',
    `threshold: must be ${least} to ${sites} for ${sites} members of whom ${tolerated} may be malicious`,
  );
  const checked = parseManifest(encodeManifest(manifest));
  verifyManifestFits(checked, roster);
  return checked;
}
