// Rounds and their attempts as operators see them.
import { z } from 'zod';
import { pageOf, pageQuery } from './pages.ts';
import { bytes, count, named, roundKind, roundPhase, timeMs } from './values.ts';

const failureReason = z.enum([
  ...['TOO_FEW_CONTRIBUTORS', 'TOO_FEW_ACKNOWLEDGEMENTS', 'CHECKSUM_MISSING', 'CHECKSUM_MISMATCH'],
  ...['TOO_FEW_OPENINGS', 'TOO_FEW_ATTESTATIONS', 'MODEL_DISAGREEMENT', 'CANCELLED'],
] as const);

export const roundDocument = z
  .object({
    job: z.string(),
    round: count,
    attempt: count,
    kind: roundKind,
    phase: roundPhase,
    startedMs: timeMs,
    deadlineMs: timeMs.nullable(),
    context: z.string(),
    baseModelHash: z.string(),
    contributors: z.array(z.string()),
    leftOut: z.array(named),
    awaited: z.array(named),
    isCarried: z.boolean().describe('shares were opened, and the sites that could end it are away'),
    setRoot: z.string().nullable(),
    sumRoot: z.string().nullable(),
    modelHash: z.string().nullable(),
    failure: z.object({ reason: failureReason, detail: z.string() }).nullable(),
    phases: z.array(z.object({ phase: roundPhase, atMs: timeMs })),
    traffic: z
      .array(z.object({ phase: roundPhase, receivedBytes: bytes, sentBytes: bytes }))
      .describe(
        'bytes of uploads, downloads and signed messages that the coordinator received and sent in each phase, those that were sent again among them and without what the transport adds; a crash loses those of its last five seconds',
      ),
  })
  .meta({ id: 'Round' });

export const roundDetailDocument = z
  .object({
    ...roundDocument.shape,
    chunks: count.describe('chunks of 32 KiB of a contribution'),
    uploads: z.array(
      z.object({ site: z.string(), ciphertextBytes: bytes, sharesBytes: bytes, openingBytes: bytes }),
    ),
  })
  .meta({ id: 'RoundDetail' });

export const roundsQuery = pageQuery;
export const roundsDocument = pageOf('rounds', roundDocument);
export const attemptsDocument = z.object({ attempts: z.array(roundDetailDocument) });

const share = z.number().nullable();

export const curvesDocument = z
  .object({
    job: z.string(),
    rounds: z.array(
      z.object({
        round: count,
        kind: roundKind,
        publishedMs: timeMs.nullable(),
        contributors: count,
        examples: count.nullable().describe('rows that were trained on, over all contributors'),
        clipped: share.describe('share of the values that met the bound of their range'),
        evaluated: count.nullable().describe('rows that were evaluated, over all contributors'),
        loss: share,
        accuracy: share,
        auc: share,
      }),
    ),
  })
  .meta({
    id: 'Curves',
    description:
      'totals that sites opened and attested, and that are in the log; a value that was not opened is null',
  });
