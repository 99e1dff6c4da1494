// The federation and its coordinator as operators see them.
import { z } from 'zod';
import { jobDocument } from './job.ts';
import { siteDocument } from './site.ts';
import { bytes, certificate, count, timeMs } from './values.ts';

export const logDocument = z
  .object({
    origin: z.string(),
    size: count,
    root: z.string(),
    verifierKey: z.string(),
    stopped: z.string().nullable().describe('why it signs nothing any more; null as long as it does'),
    cosignedSize: count,
    quorum: z.array(z.object({ group: z.string(), threshold: count, of: count })),
    witnesses: z.array(
      z.object({
        name: z.string(),
        state: z.enum(['ok', 'failing', 'waiting']),
        size: count,
        cosignedMs: timeMs.nullable(),
        lag: count,
        reason: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'Log' });

export const diskDocument = z
  .object({ state: z.enum(['ok', 'low', 'full']), freeBytes: bytes, reserveBytes: bytes })
  .meta({ id: 'Disk' });

const about = {
  federation: z.string(),
  version: z.string(),
  startedMs: timeMs,
  certificate,
  log: logDocument,
};

export const overviewDocument = z
  .object({
    ...about,
    timestamps: z
      .object({
        state: z.enum(['ok', 'failing']),
        latestMs: timeMs.nullable(),
        reason: z.string().nullable(),
      })
      .nullable()
      .describe('null where the log is not stamped'),
    disk: diskDocument,
    jobs: z.array(jobDocument),
    sites: z.array(siteDocument),
  })
  .meta({ id: 'Overview' });

export const limitsDocument = z.object({
  maxUploadsAtOnce: count,
  maxUploadBytesPerSite: bytes.nullable().describe('null: no limit'),
  maxUploadBytesPerRound: bytes.nullable().describe('null: no limit'),
  diskReserveBytes: bytes,
  maxRunningJobs: count,
  maxOpenJobs: count,
});

export const federationDocument = z
  .object({
    ...about,
    authorityFingerprint: z.string().describe('of the certificate authority: what sites compare out of band'),
    roster: z
      .object({ version: count, members: z.array(z.string()) })
      .nullable()
      .describe('the latest that was adopted'),
    limits: limitsDocument,
  })
  .meta({ id: 'Federation' });

export const storageDocument = z
  .object({
    disk: diskDocument,
    limits: limitsDocument.pick({
      maxUploadBytesPerSite: true,
      maxUploadBytesPerRound: true,
      diskReserveBytes: true,
    }),
    retention: z.object({
      publishedRounds: count.nullable().describe('null: all are kept'),
      failedAttempts: count.nullable().describe('null: all are kept'),
    }),
    totalBytes: bytes,
    jobs: z.array(z.object({ job: z.string(), totalBytes: bytes, bytes: z.record(z.string(), bytes) })),
  })
  .meta({ id: 'Storage' });
