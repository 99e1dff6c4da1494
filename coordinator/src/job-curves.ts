// What was measured in the rounds of a job: totals that sites opened and attested, as the log's records have them.
import { attestationCodec, roundKind, type JobId } from '@blindsum/proto';
import type { RoundId, StoredRound } from './ports.ts';
import { contributorsOf } from './round/attendance.ts';
import { toRoundKey } from './round-names.ts';
import type { StatusSource } from './status.ts';

type Metrics = Readonly<Record<string, number>>;

/** Rounds whose metrics are remembered: those of a published round never change. */
const MAX_REMEMBERED = 20_000;
const MILLION = 1e6;

export interface Curves {
  /** Published rounds in their order; refuses NOT_FOUND. */
  read(source: StatusSource, job: JobId): Promise<{ job: JobId; rounds: readonly CurvePoint[] }>;
}

type CurvePoint = ReturnType<typeof toPoint>;

export function createCurves(): Curves {
  const remembered = new Map<string, Metrics>();
  const metricsOf = async ({ rounds }: StatusSource, id: RoundId): Promise<Metrics> => {
    const known = remembered.get(toRoundKey(id));
    if (known) return known;
    const first = (await rounds.messages(id)).find(({ type }) => type === 'attestation');
    if (!first) throw new Error('a round was published without attestations');
    // All attestations of a published round are of one result.
    const { metrics } = attestationCodec.read(first.message.payload);
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(toRoundKey(id), metrics);
    return metrics;
  };
  return {
    async read(source, job) {
      const { manifest } = (await source.reader.open(job)).document;
      const published = (await source.rounds.list(job)).filter(({ round }) => round.phase === 'published');
      const rounds = await Promise.all(
        published.map(async (stored) =>
          toPoint(stored, roundKind(stored.id.round, manifest.rounds), await metricsOf(source, stored.id)),
        ),
      );
      return { job, rounds };
    },
  };
}

function toPoint({ id, round }: StoredRound, kind: ReturnType<typeof roundKind>, metrics: Metrics) {
  return {
    round: id.round,
    kind,
    publishedMs: round.phases.find(({ phase }) => phase === 'published')?.atMs ?? null,
    contributors: contributorsOf(round).length,
    examples: metrics['examples'] ?? null,
    clipped: toShare(metrics['clippedMillionths']),
    evaluated: metrics['evaluated'] ?? null,
    loss: toShare(metrics['lossMillionths']),
    accuracy: toShare(metrics['accuracyMillionths']),
    auc: toShare(metrics['aucMillionths']),
  };
}

function toShare(millionths: number | undefined): number | null {
  return millionths === undefined ? null : millionths / MILLION;
}
