// The composition root: a coordinator out of its parts. Rounds are recovered before anybody can connect, and nothing is closed
// before those who are connected have had an answer.
import { createAdminServer, listenAdmin } from './admin/admin-server.ts';
import { adminSocketPath, refuseIfRunning } from './admin/admin-socket.ts';
import { createAggregator } from './aggregation/aggregator.ts';
import { hostOf } from './config-http.ts';
import type { Config } from './config.ts';
import { createDiskSpace } from './disk/disk-space.ts';
import { DiskWatch } from './disk/disk-watch.ts';
import { isDiskFull, toDiskFullRefusal } from './disk/full-disk.ts';
import { patient } from './disk/patient.ts';
import { createPatientTicks } from './disk/patient-ticks.ts';
import { EventDesk } from './events/event-desk.ts';
import { Happenings } from './events/happenings.ts';
import { StatusEvents } from './events/status-events.ts';
import { createEnrolment, type Enrolment } from './enrolment/enrolment.ts';
import { openIdentity } from './identity/open-identity.ts';
import { createObservation } from './observation.ts';
import { isLogStopped } from './log/stopped-log.ts';
import { startLoops, type Chores } from './loops.ts';
import { openOperators, startHttp, type Operators } from './operators.ts';
import { createAuthenticator } from './rpc/caller.ts';
import { openLogShell } from './rpc/open-log-shell.ts';
import { createRoundAccess } from './rpc/round-access.ts';
import { startRpcServer, type RpcServer, type RpcShells } from './rpc/rpc-server.ts';
import { UploadGuard } from './rpc/upload-guard.ts';
import { openState } from './state.ts';
import { createStatusSource } from './status-source.ts';
import { openTimestamps } from './timestamps/open-timestamps.ts';
import { RoundTraffic } from './traffic/round-traffic.ts';
import { openUploads } from './uploads/open-uploads.ts';
import { toUploadRoom } from './uploads/upload-demand.ts';
import { openWitnessing } from './witnessing/open-witnessing.ts';
import { verifyNotOld } from './witnessing/verify-not-old.ts';
import { assemble, type Base, type Parts, type Surroundings } from './assembly.ts';
export interface Coordinator {
  /** host:port that sites dial. */
  readonly advertise: string;
  readonly httpUrl: string;
  /** Of the certificate authority: what sites compare out of band. */
  readonly authorityFingerprint: string;
  /** Credential of the first operator, at the first start alone. Secret. */
  readonly bootstrapKey: string | undefined;
  /** Answers those who only wait, gives calls under way some seconds to end, and closes everything. */
  stop(): Promise<void>;
}

const GRACE_MS = 5000;

/** Starts a coordinator; refuses CONFIG_INVALID if an address or the state directory is in use, QUOTA_EXCEEDED on a full disk. Leaves nothing open if it fails. */
export async function startCoordinator(config: Config, surroundings: Surroundings): Promise<Coordinator> {
  const open: Closing[] = [];
  try {
    return await start(config, surroundings, open);
  } catch (error) {
    await closeAll(open);
    throw isDiskFull(error) ? toDiskFullRefusal(error) : error;
  }
}

type Closing = () => Promise<void>;

/** The last one opened is closed first. */
async function closeAll(open: Closing[]): Promise<void> {
  for (let close = open.pop(); close; close = open.pop()) await close();
}

async function start(config: Config, surroundings: Surroundings, open: Closing[]): Promise<Coordinator> {
  const { clock, log } = surroundings;
  const socketPath = adminSocketPath(config);
  // A second coordinator must not touch the state of the first.
  await refuseIfRunning(socketPath);
  const base = await openBase(config, surroundings, open);
  const { state, identity, observation, disk, operators } = base;
  const crash = (error: unknown): void => {
    // What it was is still owed, and the next tick tries again.
    if (isDiskFull(error)) disk.noteFull();
    else if (!isLogStopped(error)) surroundings.crash(error);
  };
  const address = { advertise: config.advertise ?? config.listen.grpc };
  const enrolment = createEnrolment({ state, identity, clock, log, advertise: () => address.advertise });
  const parts = assemble(config, { clock, log, crash, revocations: enrolment.certificates }, base);
  const tick = createPatientTicks(parts.drivers.ticker, disk);
  await tick();
  const closing = new AbortController();
  await patient(() => enrolment.watch.look(), disk)();
  const rpc = await startRpc(config, surroundings, { ...parts, enrolment, closing: closing.signal });
  identity.onChange((next) => rpc.useIdentity(next));
  open.push(() => rpc.close(GRACE_MS));
  const advertise = config.advertise ?? withPort(config.listen.grpc, rpc.port);
  address.advertise = advertise;
  const status = createStatusSource(config, clock, { ...parts, jobRosters: parts.drivers.shownRosters });
  const readiness = { isReady: false };
  const stopped = () => state.log.stopped;
  const health = { isReady: () => readiness.isReady, stopped, metrics: observation.metrics };
  const { openLogDocument } = base.witnessing;
  const events = new EventDesk(new StatusEvents(status, base.happenings), clock);
  const api = { log, status, events, enrolment: enrolment.shell, ...toApiShell(config, parts) };
  const shell = { ...api, health, clock, openLogDocument };
  const http = await startHttp({ config, operators, authority: state.authority, shell, crash });
  open.push(() => http.close());
  const admin = createAdminServer(api);
  open.push(() => admin.close());
  await listenAdmin(admin, socketPath);
  open.push(async () => events.close());
  const looking = {
    presence: observation.presence,
    certificates: enrolment.watch,
    publish: operators.publish,
    events,
  };
  for (const loop of startLoops({ ...toChores(config, parts, looking), tick }, disk, crash))
    open.push(() => loop.stop());
  readiness.isReady = true;
  return {
    advertise,
    httpUrl: http.url,
    authorityFingerprint: state.authority.fingerprint,
    bootstrapKey: operators.bootstrapKey,
    async stop() {
      readiness.isReady = false;
      closing.abort();
      await closeAll(open);
    },
  };
}

/** What is there before anything is decided. */
async function openBase(config: Config, surroundings: Surroundings, open: Closing[]): Promise<Base> {
  const { clock, log } = surroundings;
  const space = createDiskSpace(config.stateDirectory, clock);
  const disk = new DiskWatch({ space, reserveBytes: config.limits.diskReserveBytes, clock, log });
  await verifyNotOld(config, log);
  const state = await openState(config, clock, () => disk.noteFull());
  open.push(() => state.close());
  const operators = await openOperators(config, state, clock);
  const identity = await openIdentity(config, { authority: state.authority, clock, log });
  const observation = createObservation({ federation: config.federation, state, clock, log, disk, identity });
  const aggregator = createAggregator({
    root: state.blobFolder,
    blobs: state.blobs,
    workers: config.aggregation.workers,
  });
  open.push(() => aggregator.close());
  // Once nobody can ask for anything any more.
  open.push(patient(operators.publish, disk));
  const traffic = new RoundTraffic(state.traffic);
  open.push(patient(() => traffic.flush(), disk));
  const happenings = new Happenings();
  const uploads = openUploads(config, {
    blobs: state.blobs,
    metrics: observation.metrics,
    space,
    happenings,
  });
  const timestamps = await openTimestamps(config, { state, clock, log, metrics: observation.metrics });
  const witnessing = await openWitnessing(config, { state, clock, log, metrics: observation.metrics });
  const opened = { state, operators, identity, observation, aggregator, uploads, disk, space };
  return { ...opened, timestamps, witnessing, happenings, traffic };
}

type RpcParts = Parts & { readonly enrolment: Enrolment };

async function startRpc(
  config: Config,
  { clock, log }: Surroundings,
  parts: RpcParts & { readonly closing: AbortSignal },
): Promise<RpcServer> {
  const { authority, members } = parts.state;
  const identity = { authority: authority.trusted, server: parts.identity.current };
  return startRpcServer(config.listen.grpc, identity, toRpcShells(config, { clock, log }, parts), {
    authenticate: createAuthenticator({ federation: config.federation, members, clock }),
    clock,
    log,
    metrics: parts.observation.metrics,
    closing: parts.closing,
  });
}

function toRpcShells(
  config: Config,
  { clock, log }: Pick<Surroundings, 'clock' | 'log'>,
  parts: RpcParts,
): RpcShells {
  const { state, reader, drivers, observation, uploads, releases, traffic } = parts;
  const { jobs, rounds, members, blobs } = state;
  const { checkpoints } = drivers;
  const access = { openRound: createRoundAccess({ reader, rounds, jobs }) };
  return {
    enrolment: parts.enrolment,
    federation: { federation: config.federation, logVerifierKey: state.log.vkey, members, clock },
    jobs: { reader, jobs, driver: drivers.jobs, rosters: drivers.jobRosters, rounds },
    log: openLogShell(state, parts.witnessing),
    rosters: { driver: drivers.rosters },
    releases: { ...access, releases },
    rounds: {
      ...access,
      ...{ signPromise: state.signPromise, clock },
      watch: drivers.watch,
      driver: drivers.rounds,
      rounds,
      traffic,
      checkpoints,
      guard: new UploadGuard(uploads),
      reader,
      log,
    },
    uploads: { ...access, uploads, checkpoints, releases, traffic, metrics: observation.metrics },
    downloads: { ...access, uploads, checkpoints, blobs, rounds, traffic },
  };
}

function toChores(
  config: Config,
  { retention, timestamps, witnessing, releases, traffic }: Parts,
  { publish, ...looking }: Pick<Chores, 'presence' | 'certificates' | 'events'> & Pick<Operators, 'publish'>,
): Omit<Chores, 'tick'> {
  const publication = { publish, minutes: config.log.administrationMinutes };
  return { ...looking, retention, timestamps, witnesses: witnessing.drivers, releases, traffic, publication };
}

function toApiShell(config: Config, parts: Parts) {
  const { federation, limits, retention } = config;
  const { members, authority, releases, log: records } = parts.state;
  const { rosters, control } = parts.drivers;
  const { trail, keys, administration, writes } = parts.operators;
  return {
    ...{ trail, keys, administration, writes, control, rosters, records, releases, limits, retention },
    models: parts.models,
    authorityFingerprint: authority.fingerprint,
    proposing: { federation, members, rosters },
    holdRetention: (milliseconds: number) => parts.retention.hold(milliseconds),
    submission: {
      ...{ rosters, driver: parts.drivers.jobs },
      ...toUploadRoom(config),
    },
  };
}

function withPort(address: string, port: number): string {
  return `${hostOf(address)}:${port}`;
}
