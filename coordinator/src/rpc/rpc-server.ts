// The gRPC server for sites, TLS 1.3 only. A client certificate is asked for and never required by TLS itself: who has none that
// the federation's authority signed is a stranger, and reaches only what `access-rules.ts` gives to anyone.
import type { Http2SecureServer } from 'node:http2';
import type { SecureContextOptions } from 'node:tls';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { Refusal } from '@blindsum/proto';
import type { KeyAndCertificate } from '../identity/authority.ts';
import type { Clock } from '../ports.ts';
import { ACCESS_RULES, SERVICES, type OpenMethods, type ServiceName } from './access-rules.ts';
import { createCallRate } from './call-rate.ts';
import { createDownloadService, type DownloadShell } from './download-service.ts';
import { createEnrolmentService, type EnrolmentRpcShell } from './enrolment-service.ts';
import { createFederationService, type FederationShell } from './federation-service.ts';
import { widenConnectionWindow, widenStreamWindow } from './flow-control-window.ts';
import { createJobService, type JobShell } from './job-service.ts';
import { createLogService, type LogShell } from './log-service.ts';
import { createReleaseService, type ReleaseShell } from './release-service.ts';
import { createRosterService, type RosterShell } from './roster-service.ts';
import { createRoundService, type RoundShell } from './round-service.ts';
import { toImplementation, toRawDefinition, type Gate, type ServiceHandlers } from './service-handlers.ts';
import { limitStrangers } from './stranger-connections.ts';
import { createStrangerGate } from './stranger-gate.ts';
import { STRANGER_LIMITS, type StrangerLimits } from './stranger-limits.ts';
import { createUploadService, type UploadShell } from './upload-service.ts';

export interface RpcShells {
  readonly enrolment: EnrolmentRpcShell;
  readonly federation: FederationShell;
  readonly jobs: JobShell;
  readonly log: LogShell;
  readonly releases: ReleaseShell;
  readonly rosters: RosterShell;
  readonly rounds: RoundShell;
  readonly uploads: UploadShell;
  readonly downloads: DownloadShell;
}

export interface RpcIdentity {
  /** PEM. */
  readonly authority: string;
  readonly server: KeyAndCertificate;
}

export interface RpcGate extends Gate {
  readonly clock: Clock;
  readonly strangers?: StrangerLimits;
}

export interface RpcServer {
  readonly port: number;
  /** Connections to come get this certificate; those that are open keep what they began with. */
  useIdentity(server: KeyAndCertificate): void;
  /** Takes no more calls, waits for those under way up to `graceMs`, then cuts them off. */
  close(graceMs: number): Promise<void>;
}

/** A part and its envelope; never unlimited. */
const MAX_RECEIVE_BYTES = 4 << 20;

const TLS_VERSION = 'TLSv1.3' as const;
/** Signs of life on every connection, in milliseconds: well below the four minutes after which balancers forget silent ones. */
export const KEEPALIVE = { timeMs: 30_000, timeoutMs: 10_000 } as const;

const OPTIONS = {
  'grpc.max_receive_message_length': MAX_RECEIVE_BYTES,
  // Notices a site whose network has gone, and keeps middleboxes from forgetting connections that only wait.
  'grpc.keepalive_time_ms': KEEPALIVE.timeMs,
  'grpc.keepalive_timeout_ms': KEEPALIVE.timeoutMs,
  'grpc.keepalive_permit_without_calls': 1,
};

/** Listens on `address` (host:port); refuses CONFIG_INVALID if that cannot be bound. */
export async function startRpcServer(
  address: string,
  identity: RpcIdentity,
  shells: RpcShells,
  gate: RpcGate,
): Promise<RpcServer> {
  const { strangers = STRANGER_LIMITS } = gate;
  const strangerGate = createStrangerGate({ ...gate, rate: createCallRate(strangers) });
  const server = new Server({ ...OPTIONS, interceptors: [strangerGate] });
  addServices(server, shells, gate);
  const credentials = createCredentials(identity, strangers);
  const isStreamWide = widenStreamWindow(credentials);
  const port = await bind(server, address, credentials);
  for (const http2Server of http2ServersOf(server)) limitStrangers(http2Server, strangers);
  if (!widenConnectionWindow(server) || !isStreamWide) {
    gate.log.warn({ event: 'rpc.narrow-window' }, 'uploads over long distances will be slow');
  }
  return {
    port,
    useIdentity: (next) => renewCredentials(credentials, { ...identity, server: next }),
    close: (graceMs) => close(server, graceMs),
  };
}

function addServices(server: Server, shells: RpcShells, gate: Gate): void {
  const add = <N extends ServiceName>(
    name: N,
    handlers: ServiceHandlers<(typeof SERVICES)[N], OpenMethods<N>>,
  ): void => {
    const service = SERVICES[name];
    server.addService(
      toRawDefinition(service),
      toImplementation(service, ACCESS_RULES[name], handlers, gate),
    );
  };
  add('EnrolmentService', createEnrolmentService(shells.enrolment));
  add('FederationService', createFederationService(shells.federation));
  add('JobService', createJobService(shells.jobs));
  add('LogService', createLogService(shells.log));
  add('ReleaseService', createReleaseService(shells.releases));
  add('RosterService', createRosterService(shells.rosters));
  add('RoundService', createRoundService(shells.rounds));
  add('UploadService', createUploadService(shells.uploads));
  add('DownloadService', createDownloadService(shells.downloads));
}

function createCredentials(
  { authority, server }: RpcIdentity,
  { handshakeMs }: StrangerLimits,
): ServerCredentials {
  const pair = { private_key: Buffer.from(server.privateKey), cert_chain: Buffer.from(server.certificate) };
  const credentials = ServerCredentials.createSsl(Buffer.from(authority), [pair], true);
  const options = credentials._getConstructorOptions();
  if (!options) throw new Error('grpc-js has no place for TLS options');
  options.minVersion = TLS_VERSION;
  // grpc-js shows handlers no certificate that TLS did not accept.
  options.rejectUnauthorized = false;
  options.handshakeTimeout = handshakeMs;
  return credentials;
}

/** What createSsl makes of the same; grpc-js hands it to its servers. Node forgets the least version unless it is told again. */
function renewCredentials(credentials: ServerCredentials, { authority, server }: RpcIdentity): void {
  const options = {
    ca: authority,
    cert: server.certificate,
    key: server.privateKey,
    minVersion: TLS_VERSION,
  };
  const { updateSecureContextOptions: update } = credentials as unknown as UpdatableCredentials;
  if (!update) throw new Error('grpc-js has no place for another certificate');
  update.call(credentials, options);
}

interface UpdatableCredentials {
  readonly updateSecureContextOptions?: (options: SecureContextOptions) => void;
}

/** Throws if grpc-js has no place for them: strangers without bounds would be worse than no server. */
function http2ServersOf(server: Server): Iterable<Http2SecureServer> {
  const { http2Servers } = server as unknown as { http2Servers?: ReadonlyMap<Http2SecureServer, unknown> };
  if (!http2Servers?.size) throw new Error('grpc-js has no place for limits of connections');
  return http2Servers.keys();
}

function bind(server: Server, address: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (cause, port) => {
      if (cause) {
        reject(new Refusal('CONFIG_INVALID', `listen.grpc: cannot listen on ${address}`, { cause }));
      } else resolve(port);
    });
  });
}

async function close(server: Server, graceMs: number): Promise<void> {
  const timer = setTimeout(() => server.forceShutdown(), graceMs);
  await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  clearTimeout(timer);
}
