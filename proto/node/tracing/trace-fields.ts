// What lines of a log say of the trace that they belong to, in OpenTelemetry's names for logs that are no OTLP.
import { trace, type SpanContext } from '@opentelemetry/api';
import { jobIdSchema } from '../../src/index.ts';
import { roundTraceIds, type SpanIds } from './round-trace.ts';
import { isTracing } from './traced.ts';

/** Empty while there are no traces, and for a line that is about no round and written in no span. */
export interface TraceFields {
  /** 32 hexadecimal digits. */
  trace_id?: string;
  /** 16 hexadecimal digits. */
  span_id?: string;
}

/**
 * For pino's `mixin`: told of each line before it is written. A line that names an attempt of a round is in the trace of that attempt,
 * whoever caused it: in the current span if that is part of it, else in the span of the whole round.
 */
export function traceFields(federation: string): (line: object) => TraceFields {
  return (line) => {
    if (!isTracing()) return {};
    const current = trace.getActiveSpan()?.spanContext();
    const round = roundOf(federation, line);
    return toFields(round && current?.traceId !== round.traceId ? round : current);
  };
}

function toFields(ids: SpanIds | SpanContext | undefined): TraceFields {
  return ids ? { trace_id: ids.traceId, span_id: ids.spanId } : {};
}

/** What a line says may come from a caller: anything but the name of an attempt names none. */
function roundOf(federation: string, line: object): SpanIds | undefined {
  const { job, round, attempt } = line as Readonly<Record<string, unknown>>;
  const named = jobIdSchema.safeParse(job);
  if (!named.success || !isCount(round) || !isCount(attempt)) return undefined;
  return roundTraceIds({ federation, job: named.data, round, attempt });
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
