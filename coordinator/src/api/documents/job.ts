// Jobs as operators see them.
import { z } from 'zod';
import { JOB_STATUS_STATES } from '../../job-status.ts';
import type { JobStatus } from '../../ports.ts';
import { REASON, REASON_RULE } from '../../reason.ts';
import { pageOf, pageQuery } from './pages.ts';
import { bytes, count, named, roundPhase, timeMs, wordList } from './values.ts';

export const jobState = z.enum(JOB_STATUS_STATES as readonly [JobStatus['state'], ...JobStatus['state'][]]);

export const jobDocument = z
  .object({
    job: z.string(),
    description: z.string(),
    state: jobState,
    queuePosition: z.int().nullable().describe('1 for the job that starts next; null unless it is queued'),
    submittedMs: timeMs,
    trainingRounds: count,
    parameters: count,
    current: z
      .object({
        round: count,
        attempt: count,
        phase: roundPhase,
        sitesIn: count,
        awaited: z.array(named),
        isCarried: z.boolean(),
      })
      .nullable(),
    roster: z.object({ version: count, waits: z.string().nullable() }),
    modelHash: z.string().nullable(),
    failure: z.string().nullable(),
    withdrawn: z.array(z.string()).describe('sites that took their consent back'),
    bytesOnDisk: bytes.describe('of uploads and sums that are kept'),
  })
  .meta({ id: 'Job' });

export const jobDetailDocument = z
  .object({
    ...jobDocument.shape,
    manifestHash: z.string(),
    rosterHash: z.string(),
    members: z.array(z.object({ site: z.string(), consented: z.boolean(), withdrawn: z.boolean() })),
    checkpoint: z
      .object({
        round: count,
        asked: z.string().nullable(),
        sealedBy: z.array(z.string()),
        complaints: z.array(z.object({ site: z.string(), sealer: z.string() })),
      })
      .nullable()
      .describe('who sealed the latest model for sites that were away; null as long as none needed it'),
    manifest: z.record(z.string(), z.unknown()).describe('what the sites consent to'),
  })
  .meta({ id: 'JobDetail' });

export const jobsQuery = pageQuery.extend({ state: wordList(JOB_STATUS_STATES).optional() });
export const jobsDocument = pageOf('jobs', jobDocument);

/** What the parser of signed manifests looks at more closely. */
export const signedManifestBody = z
  .strictObject({
    format: z.literal('blindsum-signed-manifest/v1'),
    manifest: z.string().min(4).describe('base64'),
    signature: z.string().regex(/^[0-9a-f]{128}$/, 'a signature is 64 bytes in lower-case hexadecimal'),
  })
  .meta({ id: 'SignedManifest' });

export const submittedDocument = z
  .object({
    job: z.string(),
    state: jobState,
    sites: z.array(z.string()),
    threshold: count,
    rounds: count,
    parameters: count,
  })
  .meta({ id: 'SubmittedJob' });

export const jobFileBody = z
  .record(z.string(), z.unknown())
  .meta({ id: 'JobFile', description: 'a job file as JSON, or a signed manifest' });

export const validationDocument = z
  .object({
    ok: z.boolean(),
    problems: z.array(z.object({ path: z.string(), message: z.string(), code: z.string() })),
    summary: z
      .object({
        job: z.string(),
        sites: count,
        isRosterAdopted: z.boolean().describe('false: it was checked for made-up members'),
        threshold: count,
        minimum: count,
        rounds: count,
        parameters: count,
        uploadBytesPerRound: bytes.describe('of each site, in a training round'),
      })
      .nullable(),
  })
  .meta({ id: 'JobValidation' });

export const cancelBody = z
  .strictObject({ reason: z.string().regex(REASON, REASON_RULE) })
  .meta({ id: 'Cancellation' });
