// From the configuration and the environment to what the connections are opened with.
import { readFile } from 'node:fs/promises';
import { Refusal } from '@blindsum/proto';
import { toSystemFault } from '@blindsum/proto/node';
import type { NetworkConfig } from './network-config.ts';
import { parseCredentials, parseProxy, proxyFromEnvironment, type Environment, type Proxy } from './proxy.ts';

export interface Network {
  /** Undefined to dial the coordinator itself. */
  readonly proxy: Proxy | undefined;
  readonly keepaliveMs: number;
  /** PEM; undefined to trust the authority in the grant. */
  readonly caCertificates: string | undefined;
}

/** `coordinator` is host:port. Refuses CONFIG_INVALID. */
export async function openNetwork(
  config: NetworkConfig,
  environment: Environment,
  coordinator: string,
): Promise<Network> {
  return {
    proxy: await chooseProxy(config, environment, coordinator.slice(0, coordinator.lastIndexOf(':'))),
    keepaliveMs: config.keepaliveSeconds * 1000,
    caCertificates:
      config.caFile === undefined ? undefined : await readSetting(config.caFile, 'network.caFile'),
  };
}

async function chooseProxy(
  { proxy: setting, proxyCredentialsFile: file }: NetworkConfig,
  environment: Environment,
  host: string,
): Promise<Proxy | undefined> {
  if (setting === 'none') return undefined;
  const proxy =
    setting === 'environment'
      ? proxyFromEnvironment(environment, host)
      : parseProxy(setting, 'network.proxy');
  if (proxy === undefined || file === undefined) return proxy;
  const where = 'network.proxyCredentialsFile';
  return { ...proxy, credentials: parseCredentials(await readSetting(file, where), where) };
}

async function readSetting(path: string, where: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new Refusal('CONFIG_INVALID', `${where}: ${path} cannot be read (${toSystemFault(cause)})`, {
      cause,
    });
  }
}
