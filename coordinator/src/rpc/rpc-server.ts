// The gRPC server for sites: mutual TLS 1.3 with certificates of the federation's authority only.
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { DescService } from '@bufbuild/protobuf';
import { Refusal } from '@blindsum/proto';
import {
  DownloadService,
  FederationService,
  JobService,
  RoundService,
  toServiceDefinition,
  UploadService,
} from '@blindsum/proto/rpc';
import type { KeyAndCertificate } from '../identity/authority.ts';
import { createDownloadService, type DownloadShell } from './download-service.ts';
import { createFederationService, type FederationShell } from './federation-service.ts';
import { widenConnectionWindow, widenStreamWindow } from './flow-control-window.ts';
import { createJobService, type JobShell } from './job-service.ts';
import { createRoundService, type RoundShell } from './round-service.ts';
import { toImplementation, type Gate, type ServiceHandlers } from './service-handlers.ts';
import { createUploadService, type UploadShell } from './upload-service.ts';

export interface RpcShells {
  readonly federation: FederationShell;
  readonly jobs: JobShell;
  readonly rounds: RoundShell;
  readonly uploads: UploadShell;
  readonly downloads: DownloadShell;
}

export interface RpcIdentity {
  /** PEM. */
  readonly authority: string;
  readonly server: KeyAndCertificate;
}

export interface RpcServer {
  readonly port: number;
  /** Takes no more calls, waits for those under way up to `graceMs`, then cuts them off. */
  close(graceMs: number): Promise<void>;
}

/** A part and its envelope; never unlimited. */
const MAX_RECEIVE_BYTES = 4 << 20;

const OPTIONS = {
  'grpc.max_receive_message_length': MAX_RECEIVE_BYTES,
  // Notices a site whose network has gone, and keeps middleboxes from forgetting connections that only wait.
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
  'grpc.keepalive_permit_without_calls': 1,
};

/** Listens on `address` (host:port); refuses CONFIG_INVALID if that cannot be bound. */
export async function startRpcServer(
  address: string,
  identity: RpcIdentity,
  shells: RpcShells,
  gate: Gate,
): Promise<RpcServer> {
  const server = new Server(OPTIONS);
  addServices(server, shells, gate);
  const credentials = createCredentials(identity);
  const isStreamWide = widenStreamWindow(credentials);
  const port = await bind(server, address, credentials);
  if (!widenConnectionWindow(server) || !isStreamWide) {
    gate.log.warn({ event: 'rpc.narrow-window' }, 'uploads over long distances will be slow');
  }
  return { port, close: (graceMs) => close(server, graceMs) };
}

function addServices(server: Server, shells: RpcShells, gate: Gate): void {
  const add = <S extends DescService>(service: S, handlers: ServiceHandlers<S>): void =>
    server.addService(toServiceDefinition(service), toImplementation(service, handlers, gate));
  add(FederationService, createFederationService(shells.federation));
  add(JobService, createJobService(shells.jobs));
  add(RoundService, createRoundService(shells.rounds));
  add(UploadService, createUploadService(shells.uploads));
  add(DownloadService, createDownloadService(shells.downloads));
}

function createCredentials({ authority, server }: RpcIdentity): ServerCredentials {
  const pair = { private_key: Buffer.from(server.privateKey), cert_chain: Buffer.from(server.certificate) };
  const credentials = ServerCredentials.createSsl(Buffer.from(authority), [pair], true);
  const options = credentials._getConstructorOptions();
  if (!options) throw new Error('grpc-js has no place for TLS options');
  options.minVersion = 'TLSv1.3';
  return credentials;
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
