// OpenTelemetry's SDK, set up. Loaded only when traces are asked for.
import { readFile } from 'node:fs/promises';
import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { setGlobalErrorHandler, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  RandomIdGenerator,
  TracerProvider,
  type IdGenerator,
} from '@opentelemetry/sdk-trace';
import { Refusal } from '../../src/index.ts';
import { GIVEN_IDS, type SpanIds } from './round-trace.ts';
import { switchTracing } from './traced.ts';
import type { OpenTracing, TracingSetup } from './tracing-config.ts';

const SPAN_LIMITS = {
  attributeCountLimit: 16,
  attributeValueLengthLimit: 256,
  eventCountLimit: 0,
  linkCountLimit: 0,
};
const TIMEOUT_MS = 5_000;

/** Refuses CONFIG_INVALID for a headers file that cannot be read, or has another form. */
export async function openTracing({
  config,
  service,
  version,
  instance,
  failed,
}: TracingSetup): Promise<OpenTracing> {
  const { endpoint: url, headersFile } = config;
  const headers = headersFile === undefined ? {} : await readHeaders(headersFile);
  setGlobalErrorHandler((error) => failed(reasonOf(error)));
  const exporter = new OTLPTraceExporter({ url, headers, timeoutMillis: TIMEOUT_MS });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': service,
      'service.version': version,
      'service.instance.id': instance,
    }),
    spanLimits: SPAN_LIMITS,
    idGenerator: new GivenIds(),
    // What does not fit is dropped: a collector that is away holds nobody up.
    spanProcessors: [
      new BatchSpanProcessor({
        exporter,
        maxQueueSize: 2048,
        scheduledDelayMillis: 2_000,
        exportTimeoutMillis: TIMEOUT_MS,
      }),
    ],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  switchTracing(true);
  return {
    async close() {
      switchTracing(false);
      await provider.shutdown().catch((error: unknown) => failed(reasonOf(error)));
    },
  };
}

/** Random ids, but for a span whose ids the context gives (round-trace.ts). */
class GivenIds implements IdGenerator {
  readonly #random = new RandomIdGenerator();

  generateTraceId(): string {
    return given()?.traceId ?? this.#random.generateTraceId();
  }

  generateSpanId(): string {
    return given()?.spanId ?? this.#random.generateSpanId();
  }
}

function given(): SpanIds | undefined {
  return context.active().getValue(GIVEN_IDS) as SpanIds | undefined;
}

/** One line; what was sent is not in it. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/\s+/g, ' ').slice(0, 200);
}

async function readHeaders(path: string): Promise<Record<string, string>> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Refusal('CONFIG_INVALID', 'tracing.headersFile: cannot be read', { cause });
  });
  return Object.fromEntries(
    text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => {
        const [, name, value] =
          /^([A-Za-z0-9-]{1,64}):[ \t]*([\x20-\x7e]{1,4096}?)[ \t\r]*$/.exec(line) ?? [];
        // The line may be a secret: it is not repeated.
        if (name === undefined || value === undefined)
          throw new Refusal('CONFIG_INVALID', 'tracing.headersFile: expected lines like `name: value`');
        return [name.toLowerCase(), value];
      }),
  );
}
