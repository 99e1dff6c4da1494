// The coordinator as a command asks it: over the site's own certificate and its network's way out.
import type { SiteGrant } from '@blindsum/proto';
import { meterChannels } from '../activity/metered-channels.ts';
import { openActivity, type Activity } from '../activity/open-activity.ts';
import type { Config } from '../config.ts';
import { toTlsIdentity } from '../identity/certificate-renewal.ts';
import { loadGrant } from '../identity/grant-file.ts';
import type { SiteKeys } from '../identity/site-keys.ts';
import { openNetwork } from '../network/open-network.ts';
import type { Coordinator } from '../ports.ts';
import { openChannels, type Channels } from '../rpc/channels.ts';
import { createGrpcCoordinator } from '../rpc/grpc-coordinator.ts';

export interface SiteConnection {
  readonly grant: SiteGrant;
  readonly activity: Activity;
  readonly channels: Channels;
  /** New calls use the certificate of this grant from now on. */
  readonly renew: (next: SiteGrant) => void;
  /** Hangs up; nothing is recorded any more. */
  readonly close: () => void;
}

/** To the coordinator of the grant, or of the configuration. Refuses CONFIG_INVALID without a grant. */
export async function openSiteConnection(config: Config, keys: SiteKeys): Promise<SiteConnection> {
  const grant = await loadGrant(config.stateDirectory, { name: config, keys });
  const address = config.coordinator ?? grant.coordinator;
  const network = await openNetwork(config.network, process.env, address);
  const identityOf = (current: SiteGrant) => toTlsIdentity(current, keys, network.caCertificates);
  const activity = openActivity(config.stateDirectory);
  const channels = recorded(openChannels(address, identityOf(grant), network), activity);
  const close = () => {
    channels.close();
    activity.close();
  };
  return { grant, activity, channels, renew: (next) => channels.renew(identityOf(next)), close };
}

/** Channels whose every message is recorded as it leaves. */
export function recorded(channels: Channels, { sent }: Activity): Channels {
  return meterChannels(channels, { sent, nowMs: () => Date.now() });
}

/** Asks the coordinator and hangs up. */
export async function withCoordinator<T>(
  config: Config,
  keys: SiteKeys,
  ask: (coordinator: Coordinator) => Promise<T>,
): Promise<T> {
  const { channels, close } = await openSiteConnection(config, keys);
  try {
    return await ask(createGrpcCoordinator(channels.control));
  } finally {
    close();
  }
}
