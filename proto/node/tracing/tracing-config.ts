// The `tracing` part of coordinator.yaml and site.yaml.
import { resolve } from 'node:path';
import { z } from 'zod';

export const tracingFormat = z
  .strictObject({
    /** Where spans go, OTLP over HTTP: https://collector:4318/v1/traces. */
    endpoint: z.string().regex(/^https?:\/\/[^\s?#@]+$/, 'expected an address, http:// or https://'),
    /** File with `name: value` lines, headers of the requests, a token for example; relative to the configuration file. */
    headersFile: z.string().min(1).optional(),
  })
  .refine(
    ({ endpoint, headersFile }) =>
      headersFile === undefined || !endpoint.startsWith('http:') || isHere(endpoint),
    'headersFile would be sent in the clear: expected https://',
  );

export interface TracingConfig {
  readonly endpoint: string;
  /** Absolute. */
  readonly headersFile?: string;
}

/** With absolute paths. */
export function resolveTracing(
  { endpoint, headersFile }: z.output<typeof tracingFormat>,
  folder: string,
): TracingConfig {
  return { endpoint, ...(headersFile !== undefined && { headersFile: resolve(folder, headersFile) }) };
}

function isHere(endpoint: string): boolean {
  return /^http:\/\/(?:localhost|\[::1\]|127(?:\.[0-9]{1,3}){3})(?:[:/]|$)/.test(endpoint);
}

export interface TracingSetup {
  readonly config: TracingConfig;
  /** Of the program. */
  readonly service: string;
  readonly version: string;
  /** Of whom: the federation, or the site. */
  readonly instance: string;
  /** Told, in one line, why spans were lost. */
  readonly failed: (reason: string) => void;
}

export interface OpenTracing {
  /** Sends what is left, for some seconds at most. */
  close(): Promise<void>;
}
