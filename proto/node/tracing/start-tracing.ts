// Traces, if the configuration asks for them.
import type { OpenTracing, TracingConfig, TracingSetup } from './tracing-config.ts';

const REPEAT_MS = 60_000;

/** The SDK is not even loaded unless there is a configuration. Failures are told once a minute at most. */
export async function startTracing(
  setup: Omit<TracingSetup, 'config'> & { readonly config: TracingConfig | undefined },
): Promise<OpenTracing> {
  const { config } = setup;
  if (config === undefined) return { close: async () => {} };
  let toldMs = -Infinity;
  const failed = (reason: string): void => {
    if (performance.now() - toldMs < REPEAT_MS) return;
    toldMs = performance.now();
    setup.failed(reason);
  };
  const { openTracing } = await import('./open-tracing.ts');
  return openTracing({ ...setup, config, failed });
}
