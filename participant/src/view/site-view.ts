// A site's own view of itself, as one document: `blindsum-site status --json` prints it, the terminal and the local page show it. It
// is for the site's own people. Times are milliseconds since 1970; null is what this site does not know.
import { z } from 'zod';

const ms = z.number().nullable();
const count = z.number().min(0);

const decisionFormat = z.strictObject({
  /** `waits`: a person is asked. `forbidden`: by a rule, or by what was wrong with the job. `none`: nobody has looked. */
  verdict: z.enum(['none', 'waits', 'forbidden', 'approved', 'refused', 'consented', 'withdrawn']),
  /** A person's name, `policy`, or empty. */
  by: z.string(),
  why: z.string(),
  atMs: ms,
});

const protectionsFormat = z.strictObject({
  /** L2 bound of an update before it is encrypted. */
  clipNorm: z.string(),
  maxExamples: z.number(),
  /** Fewest contributors of a sum that is opened, by the job and by this site's policy. */
  minContributors: z.number(),
  threshold: z.number(),
  members: z.number(),
  /** Differential privacy: there is none, and no number stands for it. */
  noise: z.literal('none'),
  /** The same in sentences. */
  says: z.array(z.string()),
});

const asksFormat = z.strictObject({
  description: z.string(),
  author: z.strictObject({ name: z.string(), fingerprint: z.string(), isVerified: z.boolean() }),
  columns: z.array(z.string()),
  label: z.string(),
  /** Times that the rows are used: statistics, each training round, evaluation. */
  uses: z.number(),
  rounds: z.number(),
  epochs: z.number(),
  parameters: z.number(),
  /** Members besides this site, by the roster that was shown last. */
  others: z.array(z.string()),
  /** What each rule of the policy says today; empty when the policy cannot be read. */
  verdicts: z.array(z.strictObject({ rule: z.string(), isAllowed: z.boolean(), says: z.string() })),
  protections: protectionsFormat,
});

const doingFormat = z.strictObject({
  activity: z.string(),
  permille: z.number(),
  round: z.number().nullable(),
  attempt: z.number().nullable(),
  kind: z.string().nullable(),
  sinceMs: z.number(),
  atMs: z.number(),
});

const jobFormat = z.strictObject({
  job: z.string(),
  firstSeenMs: ms,
  lastSeenMs: ms,
  /** Null when the terms were not kept here, or cannot be read. */
  asks: asksFormat.nullable(),
  decision: decisionFormat,
  consentedMs: ms,
  /** The first round that a withdrawn site contributes nothing to. */
  withdrawnFromRound: z.number().nullable(),
  /** Rounds for which this site has signed a commitment. */
  contributedRounds: count,
  lastContributedRound: z.number().nullable(),
  /** Promises of the log for these, and how many of them have the cosigned record. */
  receipts: z.strictObject({ promised: count, complete: count }),
  /** What it is at; null unless the agent runs and the job goes on. */
  doing: doingFormat.nullable(),
  lastTraining: z.strictObject({ backend: z.string(), ms: z.number(), atMs: z.number() }).nullable(),
  end: z.strictObject({ how: z.string(), atMs: z.number() }).nullable(),
  /** The latest model here; -1 is the initial one. */
  model: z.strictObject({ round: z.number(), hash: z.string() }).nullable(),
});

const sentFormat = z.strictObject({
  kind: z.string(),
  what: z.string(),
  form: z.string(),
  readers: z.string(),
  times: count,
  bytes: count,
  firstMs: z.number(),
  lastMs: z.number(),
});

const sentAttemptFormat = z.strictObject({
  job: z.string(),
  round: z.number(),
  attempt: z.number(),
  bytes: count,
  lastMs: z.number(),
  messages: z.array(
    z.strictObject({ kind: z.string(), what: z.string(), times: count, bytes: count, lastMs: z.number() }),
  ),
});

const gpuFormat = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('absent') }),
  z.strictObject({ state: z.literal('unreadable'), why: z.string() }),
  z.strictObject({
    state: z.literal('present'),
    devices: z.array(
      z.strictObject({
        name: z.string(),
        /** 0..100; null for a device that does not say. */
        busyPercent: z.number().nullable(),
        usedMiB: z.number().nullable(),
        totalMiB: z.number().nullable(),
      }),
    ),
  }),
]);

export const siteViewFormat = z.strictObject({
  format: z.literal('blindsum-site-view/v1'),
  atMs: z.number(),
  site: z.string(),
  federation: z.string(),
  fingerprint: z.string(),
  /** What a person should look at, most urgent first. */
  attention: z.array(
    z.strictObject({ level: z.enum(['alarm', 'decision', 'note']), what: z.string(), command: z.string() }),
  ),
  agent: z.strictObject({ isRunning: z.boolean(), version: z.string(), startedMs: ms }),
  coordinator: z.strictObject({
    address: z.string().nullable(),
    /** By the last call that ended. */
    state: z.enum(['answers', 'away', 'never asked']),
    answeredMs: ms,
    failedMs: ms,
    failure: z.string(),
  }),
  certificate: z
    .strictObject({
      state: z.enum(['valid', 'expiring', 'expired']),
      expiresMs: z.number(),
      renewsMs: z.number(),
    })
    .nullable(),
  log: z.strictObject({
    /** Entries under the last checkpoint that was verified and kept; decimal. */
    size: z.string(),
    root: z.string(),
    key: z.string(),
    alarm: z.string(),
  }),
  members: z.strictObject({
    trusted: z.array(z.string()),
    roster: z.strictObject({ version: z.number(), sites: z.array(z.string()) }).nullable(),
  }),
  policy: z.strictObject({ file: z.string().nullable(), problem: z.string(), approval: z.string() }),
  jobs: z.array(jobFormat),
  sent: z.strictObject({
    sinceMs: ms,
    bytes: count,
    /** Since the record began, by kind. */
    kinds: z.array(sentFormat),
    /** The latest attempts, and how many earlier ones are counted in `kinds` alone. */
    attempts: z.array(sentAttemptFormat),
    omittedAttempts: count,
  }),
  privacy: z.strictObject({
    /** Rounds of all jobs for which this site has committed an update, statistics or an evaluation. */
    contributedRounds: count,
    /** Of differential privacy: there is no accounting, because no noise is added. */
    budget: z.null(),
    says: z.array(z.string()),
  }),
  disk: z.strictObject({
    folder: z.string(),
    kinds: z.array(z.strictObject({ what: z.string(), bytes: count, files: count })),
    bytes: count,
    freeBytes: z.number().nullable(),
  }),
  compute: z.strictObject({ backendAsked: z.string(), backendUsed: z.string().nullable(), gpu: gpuFormat }),
});

export type SiteView = z.output<typeof siteViewFormat>;
export type JobView = SiteView['jobs'][number];
export type GpuUse = SiteView['compute']['gpu'];
export type DiskUse = SiteView['disk'];
