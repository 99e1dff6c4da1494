// policy.yaml: what this site takes part in. It is the site's own, nothing that the coordinator sends overrides it, and what it
// does not allow is refused: an empty policy allows nothing. docs/site-policy.md says what each setting risks.
import { basename } from 'node:path';
import { z } from 'zod';
import { describeIssues, MAX_PARAMETERS, MAX_SITES, Refusal } from '@blindsum/proto';
import { loadYaml } from '@blindsum/proto/node';
import { parseHours } from './hours.ts';

const fingerprint = z
  .string()
  .regex(/^[0-9a-f]{4}(?:-[0-9a-f]{4}){9}$/, 'a fingerprint is ten groups of four hexadecimal digits');
const namePattern = z
  .string()
  .regex(/^[a-z0-9*-]{1,63}$/, 'a pattern for job names is 1 to 63 of a-z, 0-9, hyphens and *');

/** `any`, said explicitly, or a list. Not a union of both, which would not say where in the list a mistake is. */
const anyOrSome = (item: z.ZodType<string>) =>
  z.unknown().transform((value, context): 'any' | readonly string[] => {
    if (value === 'any') return value;
    const parsed = Array.isArray(value) ? z.array(item).max(10_000).safeParse(value) : undefined;
    if (parsed?.success) return parsed.data;
    const complaint = { code: 'custom', message: 'expected any, or a list' } as const;
    for (const { path, message } of parsed?.error.issues ?? [{ path: [], ...complaint }])
      context.addIssue({ code: 'custom', path, message });
    return z.NEVER;
  });

const hoursFormat = z.string().transform((text, context) => {
  try {
    return parseHours(text);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    context.addIssue({ code: 'custom', message: error.detail });
    return z.NEVER;
  }
});

/** A mechanism with its bounds. Jobs have none so far, so that a policy that asks for one refuses every job. */
const privacyFormat = z.union(
  [
    z.literal('none'),
    z.strictObject({
      mechanism: z.literal('skellam'),
      maxEpsilon: z.number().gt(0),
      maxDelta: z.number().gt(0).lt(1),
    }),
  ],
  { error: 'expected none, or a mechanism (skellam) with maxEpsilon and maxDelta' },
);

/** policy.yaml as it is written. */
export const policyFormat = z.strictObject({
  /** Fingerprints of those whose jobs this site takes part in. */
  authors: anyOrSome(fingerprint).default([]),
  /** Names of jobs; `*` stands for any characters. */
  jobs: anyOrSome(namePattern).default([]),
  /** Columns of this site's rows that a job may read, the label included. */
  columns: anyOrSome(z.string().min(1).max(128)).default([]),
  maxParameters: z.int().min(0).max(MAX_PARAMETERS).default(0),
  maxRounds: z
    .strictObject({
      /** Training rounds of one job. */
      job: z.int().min(0).default(0),
      /** Rounds of all jobs that this site has contributed to or would: a job of R training rounds has R + 2. */
      all: z.int().min(0).default(0),
    })
    .prefault({}),
  /** Largest L2 bound of an update. */
  maxClipNorm: z.number().min(0).default(0),
  privacy: privacyFormat.optional(),
  /** Fewest contributors of a sum that this site helps to open. */
  minContributors: z.int().min(2).max(MAX_SITES).default(3),
  /** Two contributors need this here and in the job. */
  allowTwoSites: z.boolean().default(false),
  /** Members that must acknowledge and open a set: so many, or this share of the roster, whichever is more. */
  minThreshold: z
    .strictObject({
      sites: z.int().min(2).max(MAX_SITES).default(2),
      fraction: z.number().min(0).max(1).default(0),
    })
    .prefault({}),
  /** A site that missed a round may not contribute to a later one, so that no two sets differ by its return. */
  requireStableSets: z.boolean().default(false),
  /** `person`: somebody at this site approves each job first; `each-roster`: and again whenever its members change. */
  approval: z.enum(['each-roster', 'person', 'automatic']).default('person'),
  /** `person`: somebody at this site may vote for a model to be public; nobody ever does so automatically. */
  release: z.enum(['never', 'person']).default('never'),
  /** When this site trains and contributes; at any time unless given. */
  hours: hoursFormat.optional(),
});

export type Policy = z.output<typeof policyFormat>;

/** The policy of a site that wrote none: nothing is allowed. */
export const NOTHING_ALLOWED: Policy = policyFormat.parse({});

/** What YAML gave; refuses CONFIG_INVALID with the place of each mistake, unknown keys included. */
export function parsePolicy(value: unknown): Policy {
  // An empty file.
  const parsed = policyFormat.safeParse(value ?? {});
  if (!parsed.success) throw new Refusal('CONFIG_INVALID', describeIssues(parsed.error));
  return parsed.data;
}

/** Reads a policy file; refuses CONFIG_INVALID with the file and the place of each mistake. */
export async function loadPolicy(path: string): Promise<Policy> {
  const value = await loadYaml(path);
  try {
    return parsePolicy(value);
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    throw new Refusal('CONFIG_INVALID', `${basename(path)}: ${cause.detail}`, { cause });
  }
}
