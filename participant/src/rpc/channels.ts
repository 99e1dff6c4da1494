// The connections to the coordinator, over mutual TLS 1.3 with the authority in the site's grant.
import { isIP } from 'node:net';
import { checkServerIdentity, createSecureContext, type SecureContext } from 'node:tls';
import {
  Client,
  credentials,
  type ChannelCredentials,
  type ChannelOptions,
  type VerifyOptions,
} from '@grpc/grpc-js';
import { KEEPALIVE_TIMEOUT_MS } from '../network/network-config.ts';
import type { Network } from '../network/open-network.ts';
import type { Proxy } from '../network/proxy.ts';
import { boundHandshakes } from './bounded-handshake.ts';

export interface TlsIdentity {
  /** PEM. */
  readonly caCertificate: string;
  /** Both are absent for a site that is about to enrol. */
  readonly certificate?: string;
  readonly privateKey?: string;
}

/** What control calls are made on. */
export type ControlChannel = Pick<Client, 'makeUnaryRequest'>;

/** Bulk bytes have a connection of their own: one that is busy with them would let control calls wait. */
export interface Channels {
  readonly control: ControlChannel;
  readonly bulk: BulkChannel;
  /** Calls to come show another identity; those under way end on the connections that they began on. */
  renew(identity: TlsIdentity): void;
  close(): void;
}

/**
 * A connection that is given up with the first call that fails on it: what a stream that broke off left in its HTTP/2
 * windows would hold back the next one.
 */
export interface BulkChannel {
  use<T>(call: (client: BulkClient) => Promise<T>): Promise<T>;
}

export type BulkClient = Pick<
  Client,
  'makeUnaryRequest' | 'makeServerStreamRequest' | 'makeClientStreamRequest'
>;

/** A roster and the messages of its largest size fit into the first; a part and its frame into the second. */
const MAX_CONTROL_BYTES = 32 << 20;
const MAX_BULK_BYTES = 4 << 20;
const WINDOW_BYTES = 8 << 20;
/** Ample for a few kilobytes there and back over the slowest line. */
const HANDSHAKE_MS = 30_000;

const NAME_FOR_ADDRESSES = 'coordinator';

const COMMON: ChannelOptions = {
  'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
  // A connection that nobody uses for a while is used again later: middleboxes must not forget it.
  'grpc.keepalive_permit_without_calls': 1,
  // The default grows to two minutes, which would outlast most restarts of a coordinator.
  'grpc.initial_reconnect_backoff_ms': 250,
  'grpc.max_reconnect_backoff_ms': 5_000,
};

export type Route = Pick<Network, 'proxy' | 'keepaliveMs'>;

const DIRECT: Route = { proxy: undefined, keepaliveMs: 30_000 };

/** Connects when the first call is made. `coordinator` is host:port. */
export function openChannels(coordinator: string, identity: TlsIdentity, route = DIRECT): Channels {
  const open = { control: openClient(coordinator, identity, route, CONTROL), identity };
  const bulk = new RenewedChannel(() => openClient(coordinator, open.identity, route, BULK));
  const makeUnaryRequest = (...call: Parameters<Client['makeUnaryRequest']>) =>
    open.control.makeUnaryRequest(...call);
  return {
    control: { makeUnaryRequest: makeUnaryRequest as Client['makeUnaryRequest'] },
    bulk,
    renew(next) {
      const before = open.control;
      Object.assign(open, { identity: next, control: openClient(coordinator, next, route, CONTROL) });
      // Ends when its last call has ended.
      before.close();
      bulk.renew();
    },
    close: () => [open.control, bulk].forEach((client) => client.close()),
  };
}

const CONTROL: ChannelOptions = { 'grpc.max_receive_message_length': MAX_CONTROL_BYTES };

const BULK: ChannelOptions = {
  'grpc.max_receive_message_length': MAX_BULK_BYTES,
  'grpc.use_local_subchannel_pool': 1,
  // Resuming is ours: a retry inside grpc-js would keep megabytes for replay.
  'grpc.enable_retries': 0,
  'grpc-node.flow_control_window': WINDOW_BYTES,
};

function openClient(
  coordinator: string,
  identity: TlsIdentity,
  { proxy, keepaliveMs }: Route,
  kind: ChannelOptions,
): Client {
  const { credentials, options } = secure(coordinator, identity);
  return new Client(proxy?.address ?? coordinator, credentials, {
    ...COMMON,
    ...options,
    ...kind,
    ...(proxy && throughProxy(proxy, coordinator)),
    'grpc.keepalive_time_ms': keepaliveMs,
    // Which proxy is ours to choose (network/proxy.ts).
    'grpc.enable_http_proxy': 0,
  });
}

/** What grpc-js sets itself for a proxy that it finds in the environment. */
function throughProxy({ credentials }: Proxy, coordinator: string): ChannelOptions {
  return {
    'grpc.http_connect_target': `dns:${coordinator}`,
    'grpc.default_authority': coordinator,
    ...(credentials !== undefined && { 'grpc.http_connect_creds': credentials }),
  };
}

interface OpenClient {
  readonly client: Client;
  users: number;
}

class RenewedChannel implements BulkChannel {
  readonly #open: () => Client;
  #current: OpenClient | undefined;

  constructor(open: () => Client) {
    this.#open = open;
  }

  async use<T>(call: (client: BulkClient) => Promise<T>): Promise<T> {
    const used = (this.#current ??= { client: this.#open(), users: 0 });
    used.users++;
    try {
      return await call(used.client);
    } catch (error) {
      used.client.close();
      if (this.#current === used) this.#current = undefined;
      throw error;
    } finally {
      used.users--;
      if (this.#current !== used && used.users === 0) used.client.close();
    }
  }

  /** Whoever uses the connection keeps it to the end. */
  renew(): void {
    const before = this.#current;
    this.#current = undefined;
    if (before?.users === 0) before.client.close();
  }

  close(): void {
    this.#current?.client.close();
    this.#current = undefined;
  }
}

interface Security {
  readonly credentials: ChannelCredentials;
  readonly options: ChannelOptions;
}

function secure(coordinator: string, { caCertificate, certificate, privateKey }: TlsIdentity): Security {
  const context = createSecureContext({
    ca: caCertificate,
    ...(certificate !== undefined && { cert: certificate }),
    ...(privateKey !== undefined && { key: privateKey }),
    minVersion: 'TLSv1.3',
  });
  const host = coordinator.slice(0, coordinator.lastIndexOf(':')).replace(/^\[|\]$/g, '');
  if (isIP(host) === 0) return { credentials: secured(context, {}), options: {} };
  // RFC 6066 allows no address as the name that a client asks for. The certificate must still be that of the address.
  return {
    credentials: secured(context, {
      checkServerIdentity: (_, presented) => checkServerIdentity(host, presented),
    }),
    options: { 'grpc.ssl_target_name_override': NAME_FOR_ADDRESSES },
  };
}

function secured(context: SecureContext, verification: VerifyOptions): ChannelCredentials {
  return boundHandshakes(credentials.createFromSecureContext(context, verification), HANDSHAKE_MS);
}
