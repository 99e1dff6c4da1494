// A round is one trace. Its ids follow from its name, so that the coordinator and every site are in it without being told, also
// after a crash; what is carried over gRPC says which span is inside which.
import { createContextKey, ROOT_CONTEXT, TraceFlags, trace, type Context } from '@opentelemetry/api';
import { domainDigest, toCanonicalBytes, toHex, type JobId } from '../../src/index.ts';

/** One attempt of a round of a federation. */
export interface TracedRound {
  readonly federation: string;
  readonly job: JobId;
  readonly round: number;
  readonly attempt: number;
}

export interface SpanIds {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
}

/** In the context in which the span of a whole round is made: the ids that it gets. */
export const GIVEN_IDS = createContextKey('blindsum span ids');

/** The first 24 bytes of SHA-256 over the round's name: the trace, and the span of the whole round. */
export function roundTraceIds({ federation, job, round, attempt }: TracedRound): SpanIds {
  const name = toCanonicalBytes({ federation, job, round, attempt });
  const digest = toHex(domainDigest('blindsum/v1/trace', name));
  return { traceId: digest.slice(0, 32), spanId: digest.slice(32, 48) };
}

/** Inside the span of the whole round, which the coordinator makes when the round has ended. */
export function roundContextOf(round: TracedRound): Context {
  const ids = roundTraceIds(round);
  return trace.setSpanContext(ROOT_CONTEXT, { ...ids, traceFlags: TraceFlags.SAMPLED, isRemote: true });
}
