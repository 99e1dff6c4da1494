// The job manifest (PROTOCOL.md section 3): everything that sites consent to. Canonical JSON; its hash is part of every
// round's context, so that a coordinator cannot show two sites different jobs.
import { z } from 'zod';
import { authorSchema } from './author.ts';
import { toHex, type Bytes } from './bytes.ts';
import { parseCanonicalJson, toCanonicalBytes } from './canonical-json.ts';
import { dataSchemaFormat, inputWidth, parseDataSchema, type DataSchema } from './data-schema.ts';
import { decimalSchema, toNumber } from './decimal.ts';
import { domainDigest } from './digest.ts';
import { statisticsBits } from './feature-statistics.ts';
import { digestSchema, federationSchema, jobIdSchema, type Digest } from './identifiers.ts';
import {
  createModelLayout,
  MAX_PARAMETERS,
  modelSpecFormat,
  type ModelLayout,
  type ModelSpec,
} from './model-layout.ts';
import { evaluationBound } from './metrics.ts';
import { MAX_BITS, MIN_BITS } from './packing.ts';
import { MAX_SITES, plainBits } from './parameter-set.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import type { Roster } from './roster.ts';
import { describeIssues } from './describe-issues.ts';

const seconds = z
  .int()
  .min(1)
  .max(30 * 24 * 3600);

export const trainingFormat = z.strictObject({
  /** Passes over a site's rows in each round. */
  epochs: z.int().min(1).max(1000),
  batchSize: z.int().min(1).max(65536),
  optimizer: z.strictObject({ kind: z.enum(['sgd', 'momentum', 'adam']), learningRate: decimalSchema }),
  /** Seeds the order of rows; each site and round derives its own. */
  seed: z.int().min(0).max(0xffffffff),
});

export const strategyFormat = z.strictObject({
  kind: z.literal('fedavg'),
  /** `examples` weighs an update by its site's rows, `uniform` counts every site the same. */
  weighting: z.enum(['examples', 'uniform']),
  /** Most rows a site may have; an update weighted by examples counts rows / maxExamples. */
  maxExamples: z
    .int()
    .min(1)
    .max(1 << 24),
  /** L2 bound of an update, before it is weighted. */
  clipNorm: decimalSchema,
});

export const encodingFormat = z.strictObject({
  bits: z.int().min(MIN_BITS).max(MAX_BITS),
  /** Range of the first round's weighted updates is ±2^initialRangeExponent; later ranges follow the opened sums. */
  initialRangeExponent: z.int().min(-40).max(40),
});

export const waitsFormat = z.strictObject({
  joinSeconds: seconds,
  collectSeconds: seconds,
  graceSeconds: seconds,
  acknowledgeSeconds: seconds,
  checksumSeconds: seconds,
  openSeconds: seconds,
  attestSeconds: seconds,
  /** How much longer a set of which a share was opened waits for the sites it still needs, before the job stops. */
  carrySeconds: seconds,
});

const manifestFormat = z.strictObject({
  format: z.literal('blindsum/v1'),
  federation: federationSchema,
  job: jobIdSchema,
  description: z.string().max(1000),
  author: authorSchema,
  parameterSet: z.literal('bs1'),
  data: dataSchemaFormat,
  model: z.strictObject({
    ...modelSpecFormat.shape,
    /** Public seed of the initial weights. */
    seed: z.string().min(1).max(128),
    parameters: z.int().min(1).max(MAX_PARAMETERS),
    /** Hash of the global model that round 0 starts from. */
    initialHash: digestSchema,
  }),
  training: trainingFormat,
  strategy: strategyFormat,
  encoding: encodingFormat,
  /** Training rounds. */
  rounds: z.int().min(1).max(10000),
  contributors: z.strictObject({
    minimum: z.int().min(2).max(MAX_SITES),
    /** Two contributors need this here and in every site's own policy. */
    allowTwoSites: z.boolean(),
    /** f: malicious sites tolerated when the threshold is checked. */
    tolerated: z.int().min(0).max(MAX_SITES),
    /** Every member of a round's roster contributes, or nothing of it is sealed. */
    all: z.boolean(),
    /** Most members of a roster that the job can have: modulus and field widths are made for so many. */
    capacity: z.int().min(2).max(MAX_SITES),
  }),
  /** Whether the rounds after a new roster go by it, or all by the one that the job began with. */
  roster: z.enum(['follow', 'fixed']),
  /**
   * What becomes of a site whose update missed its round: it contributes to the next one, or to none of this job any more, so
   * that each contributor set is part of the one before.
   */
  lateSites: z.enum(['next-round', 'refused']),
  /** T: acknowledgements, openings and equal attestations that a round needs at least; a larger roster needs more. */
  threshold: z.int().min(2).max(MAX_SITES),
  waits: waitsFormat,
  /** Attempts of one round before the job stops. */
  attempts: z.int().min(1).max(100),
  /** Bins of the score histograms that are summed for the AUC. */
  evaluationBins: z.int().min(8).max(1024),
  modelVisibility: z.literal('sites'),
});

export type Manifest = z.output<typeof manifestFormat>;

export function encodeManifest(manifest: Manifest): Bytes {
  return toCanonicalBytes(manifest);
}

/** SHA-256("blindsum/v1/manifest" ‖ canonical bytes), in hexadecimal. */
export function manifestHash(manifest: Manifest): Digest {
  return toHex(domainDigest('blindsum/v1/manifest', encodeManifest(manifest))) as Digest;
}

/** Parses hostile bytes; refuses MALFORMED or MANIFEST_INVALID with the place of each mistake, MODEL_MISMATCH if the size is wrong. */
export function parseManifest(bytes: Bytes): Manifest {
  const parsed = manifestFormat.safeParse(parseCanonicalJson(bytes, 'manifest', 4 << 20));
  if (!parsed.success) throw new Refusal('MANIFEST_INVALID', describeIssues(parsed.error));
  const manifest = parsed.data;
  parseDataSchema(manifest.data);
  refuseUnless(
    toNumber(manifest.strategy.clipNorm) > 0,
    'MANIFEST_INVALID',
    'strategy.clipNorm: must be above 0',
  );
  refuseUnless(
    toNumber(manifest.training.optimizer.learningRate) > 0,
    'MANIFEST_INVALID',
    'training.optimizer.learningRate: must be above 0',
  );
  refuseUnless(
    manifest.contributors.minimum >= 3 || manifest.contributors.allowTwoSites,
    'MANIFEST_INVALID',
    'contributors.minimum: two contributors need allowTwoSites, here and in every site’s policy',
  );
  const { parameterCount } = manifestLayout(manifest);
  refuseUnless(
    parameterCount === manifest.model.parameters,
    'MODEL_MISMATCH',
    `model.parameters: the manifest says ${manifest.model.parameters}, this model on this data has ${parameterCount}`,
  );
  return manifest;
}

/** Ordered tensors of the manifest's model. */
export function manifestLayout(manifest: {
  readonly model: ModelSpec;
  readonly data: DataSchema;
}): ModelLayout {
  return createModelLayout(manifest.model, inputWidth(manifest.data));
}

/** Default f of PROTOCOL.md section 4 for a roster of `sites`. */
export function defaultTolerated(sites: number): number {
  return Math.floor((sites - 1) / 3);
}

/** Smallest T with which two different sets can never both be opened: floor((n + f) / 2) + 1 (PROTOCOL.md section 4). */
export function leastThreshold(sites: number, tolerated: number): number {
  return Math.floor((sites + tolerated) / 2) + 1;
}

/** T of a round under a roster of `sites` members: a function of these alone, so that every party computes it. */
export function roundThreshold(
  { threshold, contributors }: Pick<Manifest, 'threshold' | 'contributors'>,
  sites: number,
): number {
  return Math.max(threshold, leastThreshold(sites, contributors.tolerated));
}

/** Fewest contributors of a set in a round under a roster of `sites` members. */
export function roundMinimum({ contributors }: Pick<Manifest, 'contributors'>, sites: number): number {
  return contributors.all ? Math.max(contributors.minimum, sites) : contributors.minimum;
}

/** What every site checks of a manifest against the roster of a round: refuses MANIFEST_INVALID. */
export function verifyManifestFits(manifest: Manifest, roster: Roster): void {
  const sites = roster.members.length;
  const { minimum, capacity } = manifest.contributors;
  refuseUnless(manifest.federation === roster.federation, 'MANIFEST_INVALID', 'federation: not the roster’s');
  refuseUnless(
    minimum <= sites,
    'MANIFEST_INVALID',
    `contributors.minimum: the roster has only ${sites} members`,
  );
  refuseUnless(
    sites <= capacity,
    'MANIFEST_INVALID',
    `contributors.capacity: ${capacity} members, the roster has ${sites}`,
  );
  const threshold = roundThreshold(manifest, sites);
  refuseUnless(
    threshold <= sites,
    'MANIFEST_INVALID',
    `threshold: ${threshold} sites are needed, the roster has only ${sites} members`,
  );
  verifyHeaderFits(manifest, capacity);
}

/** Header integers must not overflow the plaintext modulus for this many sites. */
function verifyHeaderFits({ strategy: { maxExamples } }: Manifest, sites: number): void {
  const bits = plainBits(sites);
  statisticsBits({ sites, maxExamples, plainBits: bits });
  const isWithin = BigInt(evaluationBound(maxExamples)) * BigInt(sites) < 1n << BigInt(bits);
  refuseUnless(isWithin, 'MANIFEST_INVALID', 'strategy.maxExamples: too large for contributors.capacity');
}
