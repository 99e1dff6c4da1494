// Spans, in terms of OpenTelemetry's API alone: without an SDK (open-tracing.ts) all of this is a plain call. There are spans inside
// of rounds only, so that what repeats without end, heartbeats for example, makes none.
import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
} from '@opentelemetry/api';
import { Metadata } from '@grpc/grpc-js';
import { Refusal } from '../../src/index.ts';
import { GIVEN_IDS, roundContextOf, roundTraceIds, type TracedRound } from './round-trace.ts';

/** Names and numbers. Never a secret, a value of the data, or free text. */
export type SpanAttributes = Readonly<Record<string, string | number>>;

const TRACER = 'blindsum';
let isOn = false;

/** Called once, by whoever has set an SDK up. */
export function switchTracing(on: boolean): void {
  isOn = on;
}

export function isTracing(): boolean {
  return isOn;
}

/** Runs `work` in a span of the round. */
export function tracedInRound<T>(
  round: TracedRound,
  name: string,
  attributes: SpanAttributes,
  work: () => Promise<T>,
): Promise<T> {
  return isOn
    ? inSpan(roundContextOf(round), { name, attributes: { ...attributes, ...named(round) } }, work)
    : work();
}

/** Runs `work` in a span inside the current one; in none outside of rounds. */
export function traced<T>(name: string, attributes: SpanAttributes, work: () => Promise<T>): Promise<T> {
  return isOn && trace.getActiveSpan() ? inSpan(context.active(), { name, attributes }, work) : work();
}

/** The same for a call to another program. */
export function tracedCall<T>(method: string, work: () => Promise<T>): Promise<T> {
  if (!isOn || !trace.getActiveSpan()) return work();
  return inSpan(context.active(), { name: method, attributes: {}, kind: SpanKind.CLIENT }, work);
}

/** The other end: in a span inside the caller's, if the call says one (W3C traceparent). */
export function tracedAnswer<T>(
  { metadata, method, site }: { readonly metadata: Metadata; readonly method: string; readonly site: string },
  work: () => Promise<T>,
): Promise<T> {
  if (!isOn) return work();
  const parent = propagation.extract(ROOT_CONTEXT, metadata, {
    get: (from, key) => from.get(key).map(String),
    keys: (from) => Object.keys(from.getMap()),
  });
  if (!trace.getSpanContext(parent)) return work();
  return inSpan(parent, { name: method, attributes: { site }, kind: SpanKind.SERVER }, work);
}

/** What a call carries: the current span, if there is one. */
export function traceMetadata(): Metadata {
  const metadata = new Metadata();
  if (isOn) propagation.inject(context.active(), metadata, { set: (to, key, value) => to.set(key, value) });
  return metadata;
}

/** Times are milliseconds since 1970. */
export interface PastSpan {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: SpanAttributes;
}

/** A part of a round that is over. */
export function recordPhase(round: TracedRound, span: PastSpan): void {
  if (isOn) record(roundContextOf(round), round, span);
}

/** The whole round, which all its spans are inside of. */
export function recordRound(round: TracedRound, span: PastSpan): void {
  if (!isOn) return;
  const given = ROOT_CONTEXT.setValue(GIVEN_IDS, roundTraceIds(round));
  context.with(given, () => record(ROOT_CONTEXT, round, span));
}

function record(parent: Context, round: TracedRound, { name, startMs, endMs, attributes }: PastSpan): void {
  const all = { ...attributes, ...named(round) };
  trace.getTracer(TRACER).startSpan(name, { startTime: startMs, attributes: all }, parent).end(endMs);
}

interface NewSpan {
  readonly name: string;
  readonly attributes: SpanAttributes;
  readonly kind?: SpanKind;
}

async function inSpan<T>(
  parent: Context,
  { name, attributes, kind = SpanKind.INTERNAL }: NewSpan,
  work: () => Promise<T>,
): Promise<T> {
  const span = trace.getTracer(TRACER).startSpan(name, { attributes, kind }, parent);
  try {
    return await context.with(trace.setSpan(parent, span), work);
  } catch (error) {
    noteFailure(span, error);
    throw error;
  } finally {
    span.end();
  }
}

/** The code alone: details may name what is nobody else's business. */
function noteFailure(span: Span, error: unknown): void {
  const code = error instanceof Refusal ? error.code : 'INTERNAL';
  span.setAttribute('code', code).setStatus({ code: SpanStatusCode.ERROR });
}

function named({ federation, job, round, attempt }: TracedRound): SpanAttributes {
  return { federation, job, round, attempt };
}
