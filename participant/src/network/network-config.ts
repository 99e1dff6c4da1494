// How a site reaches its coordinator: the `network` part of site.yaml.
import { z } from 'zod';
import { parseProxy } from './proxy.ts';

/** Firewalls and balancers forget connections that were silent for some minutes; four is the least that is common. */
export const IDLE_CUT_MS = 240_000;
/** How long the answer to a keepalive may take. */
export const KEEPALIVE_TIMEOUT_MS = 10_000;

export const networkFormat = z
  .strictObject({
    /** `environment` (https_proxy and no_proxy), `none`, or http://host:port of an HTTP CONNECT proxy. */
    proxy: z
      .union([z.enum(['environment', 'none']), z.string().refine(isProxy, 'expected http://host:port')])
      .default('environment'),
    /** File with `user:password` for the proxy, relative to the configuration file. */
    proxyCredentialsFile: z.string().min(1).optional(),
    /** PEM file of the authorities that may vouch for the coordinator, instead of the one in the grant. */
    caFile: z.string().min(1).optional(),
    /** Seconds between signs of life on a connection that is silent. */
    keepaliveSeconds: z.number().min(1).max(180).default(30),
  })
  .refine(
    ({ proxy, proxyCredentialsFile }) => proxy !== 'none' || proxyCredentialsFile === undefined,
    'proxyCredentialsFile without a proxy',
  );

export type NetworkConfig = z.output<typeof networkFormat>;

/** Credentials belong into a file of their own: this one may be shown to others. */
function isProxy(text: string): boolean {
  try {
    return parseProxy(text, 'network.proxy').credentials === undefined;
  } catch {
    return false;
  }
}
