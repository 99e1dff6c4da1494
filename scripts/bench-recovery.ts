// Measures how soon a coordinator that was killed in the middle of many uploads serves again, and whether each upload goes on
// where it was: node_modules/.bin/node scripts/bench-recovery.ts [--sites 50] [--json]. The coordinator is a process of its own;
// the sites are the agent's client without an agent. The round under way is written into its state beforehand, because the
// rounds before it would need 50 whole agents.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import {
  CHUNK_BYTES,
  consentCodec,
  parseSiteGrant,
  PART_BYTES,
  parseChainedRoster,
  rosterApprovalCodec,
  signMessage,
  type Member,
  type Sign,
  utf8,
  type JobId,
} from '@blindsum/proto';
import { answerOf } from '@blindsum/admin-client';
import { connectSocket } from '../coordinator/src/admin/admin-transport.ts';
import {
  createSiteRequest,
  FEDERATION,
  randomResidues,
  TEST_JOB,
} from '../coordinator/src/federation.fixture.ts';
import { createJobReader } from '../coordinator/src/job-document.ts';
import { createRound, toRoundRules } from '../coordinator/src/round/create-round.ts';
import { openSqliteDatabase } from '../coordinator/src/storage/database.ts';
import { createSqliteJobStore } from '../coordinator/src/storage/sqlite-job-store.ts';
import { createRosterReader } from '../coordinator/src/roster-reader.ts';
import { createSqliteRosterStore } from '../coordinator/src/storage/sqlite-roster-store.ts';
import { createSqliteRoundStore } from '../coordinator/src/storage/sqlite-round-store.ts';
import { submitTestJob } from '../coordinator/src/submitted-job.fixture.ts';
import { openChannels, type Channels, type TlsIdentity } from '../participant/src/rpc/channels.ts';
import { createGrpcCoordinator } from '../participant/src/rpc/grpc-coordinator.ts';
import { createGrpcRosters } from '../participant/src/rpc/grpc-rosters.ts';
import { createGrpcTransfers } from '../participant/src/rpc/grpc-transfers.ts';
import { coordinatorCommand } from './demonstration/commands.ts';
import { CoordinatorStatus } from './demonstration/coordinator-status.ts';
import { findFreePorts } from './demonstration/free-ports.ts';
import { Processes, type Running } from './demonstration/processes.ts';
import { readBlobSizes } from './disturbance/dead-state.ts';
import { TcpProxy } from './disturbance/tcp-proxy.ts';

const JOB = 'bench-recovery' as JobId;
const REF = { job: JOB, round: 1, attempt: 1 };
/** A little more than a million parameters: five parts of ciphertext, of which two are stored before the kill. */
const HIDDEN = [1024, 1024];
const STORED_PARTS = 2;
const WAIT_MS = 120_000;

interface Site {
  readonly name: string;
  readonly proxy: TcpProxy;
  readonly channels: Channels;
  readonly upload: (onStart?: (offset: number) => void) => Promise<number>;
}

interface Bench {
  readonly folder: string;
  readonly config: string;
  readonly grpc: number;
  readonly status: CoordinatorStatus;
  readonly processes: Processes;
}

interface Measurement {
  readonly sites: number;
  readonly ciphertextBytes: number;
  /** Committed at the kill, all uploads together. */
  readonly storedBytes: number;
  readonly recoveryMs: number;
  /** Uploads that went on exactly where they were, and are whole. */
  readonly resumed: number;
}

async function main(): Promise<void> {
  const options = {
    sites: { type: 'string', default: '50' },
    json: { type: 'boolean', default: false },
  } as const;
  const { values } = parseArgs({ options });
  const folder = await mkdtemp(join(tmpdir(), 'blindsum-recovery-'));
  const processes = new Processes(join(folder, 'output'));
  process.once('exit', () => processes.kill());
  try {
    const measured = await measure(await prepare(folder, processes), Number(values.sites));
    process.stdout.write(`${values.json ? JSON.stringify(measured) : describe(measured)}\n`);
    if (measured.resumed !== measured.sites) process.exitCode = 1;
  } finally {
    await processes.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function prepare(folder: string, processes: Processes): Promise<Bench> {
  const [grpc = 0, http = 0] = await findFreePorts(2);
  const config = join(folder, 'coordinator.yaml');
  const values = {
    federation: FEDERATION,
    stateDirectory: 'state',
    listen: { grpc: `127.0.0.1:${grpc}`, http: `127.0.0.1:${http}` },
    limits: { maxUploadsAtOnce: 1024 },
  };
  await writeFile(config, stringify(values));
  return {
    folder,
    config,
    grpc,
    processes,
    status: new CoordinatorStatus(`https://127.0.0.1:${http}`, join(folder, 'state')),
  };
}

async function measure(bench: Bench, count: number): Promise<Measurement> {
  const first = await start(bench);
  const identities = await admit(bench, count);
  const ciphertextBytes = await startRound(bench, first, identities);
  const path = join(bench.folder, 'ciphertext.bin');
  await writeFile(path, new Uint8Array(randomResidues(ciphertextBytes / 8).buffer));
  const sites = await Promise.all(identities.map((identity) => openSite(bench, identity, path)));
  try {
    const victim = await start(bench);
    const stored = await uploadPartly(bench, sites);
    victim.kill();
    await victim.ended;
    const atMs = performance.now();
    await start(bench);
    const recoveryMs = Math.round(performance.now() - atMs);
    const resumed = await Promise.all(
      sites.map((site) => goesOn(site, stored.get(site.name)!, ciphertextBytes)),
    );
    return {
      sites: count,
      ciphertextBytes,
      storedBytes: [...stored.values()].reduce((sum, bytes) => sum + bytes, 0),
      recoveryMs,
      resumed: resumed.filter(Boolean).length,
    };
  } finally {
    await Promise.all(sites.map(closeSite));
  }
}

/** Starts the coordinator and waits until it serves. */
async function start({ config, processes, status }: Bench): Promise<Running> {
  const running = processes.launch(coordinatorCommand('serve', '--config', config));
  await status.waitUntilReady(running.ended);
  return running;
}

type Admitted = TlsIdentity & { readonly name: string; readonly sign: Sign; readonly member: Member };

async function admit(bench: Bench, count: number): Promise<Admitted[]> {
  const admin = connectSocket(join(bench.folder, 'state/admin.sock'));
  const admitted: Admitted[] = [];
  for (let i = 0; i < count; i++) {
    const { request, sign, tlsKey } = await createSiteRequest(`site-${i}`);
    const answer = await answerOf(admin.POST('/v1/sites', { body: request }));
    const grant = parseSiteGrant(utf8(JSON.stringify(answer)));
    const { caCertificate, certificate } = grant;
    admitted.push({
      ...{ name: request.site, sign, member: request },
      ...{ caCertificate, certificate, privateKey: tlsKey },
    });
  }
  await admin.POST('/v1/roster', { body: { replace: false } });
  for (const identity of admitted) await approve(bench, identity);
  const model = { ...TEST_JOB.model, hidden: HIDDEN };
  await submitTestJob(admin, { job: JOB, model, waits: { collectSeconds: 3600 } });
  return admitted;
}

/** Every site consents; then the coordinator stops, and starts again in its first training round. Returns a ciphertext's size. */
async function startRound(bench: Bench, running: Running, sites: readonly Admitted[]): Promise<number> {
  for (const identity of sites) {
    const channels = openChannels(`127.0.0.1:${bench.grpc}`, identity);
    const coordinator = createGrpcCoordinator(channels.control);
    await coordinator.sendConsent(JOB, await signConsent(bench, identity));
    channels.close();
  }
  while ((await bench.status.jobState(JOB)) !== 'running') await sleep(50);
  running.kill();
  await running.ended;
  return writeRound(bench);
}

async function approve({ grpc }: Bench, identity: Admitted): Promise<void> {
  const channels = openChannels(`127.0.0.1:${grpc}`, identity);
  const rosters = createGrpcRosters(channels.control);
  const { proposal } = await rosters.rosters(1);
  const { roster, hash } = parseChainedRoster(proposal!.roster);
  const value = { federation: FEDERATION, site: identity.name, version: roster.version, rosterHash: hash };
  await rosters.approveRoster(
    signMessage(rosterApprovalCodec, value as never, identity.sign, { members: [identity.member] }),
  );
  channels.close();
}

async function signConsent(bench: Bench, { name, sign, member }: Admitted) {
  const { manifestHash, rosterHash } = await bench.status.hashes(JOB);
  const consent = { federation: FEDERATION, job: JOB, site: name, manifestHash, rosterHash };
  return signMessage(consentCodec, consent as never, sign, { members: [member] });
}

async function writeRound({ folder }: Bench): Promise<number> {
  const database = await openSqliteDatabase(join(folder, 'state/coordinator.sqlite'));
  try {
    const [jobs, rounds] = [createSqliteJobStore(database), createSqliteRoundStore(database)];
    const { stored, document } = await createJobReader(
      jobs,
      createRosterReader(createSqliteRosterStore(database)),
    ).open(JOB);
    const { manifest, roster, manifestHash, rosterHash } = document;
    const baseModelHash = manifest.model.initialHash;
    const terms = { federation: FEDERATION, ...REF, baseModelHash, manifestHash, rosterHash };
    const consented = roster.members.map(({ site }) => site);
    const rules = toRoundRules({ manifest, roster, terms, consented });
    const startedMs = Date.now();
    await rounds.create(REF, { round: createRound(rules, startedMs), owed: [], startedMs });
    await jobs.replace(stored, { state: 'running', current: REF, lastRecord: '' });
    return document.chunks(REF.round) * CHUNK_BYTES;
  } finally {
    await database.destroy();
  }
}

async function openSite({ grpc }: Bench, identity: Admitted, path: string): Promise<Site> {
  const proxy = await TcpProxy.open(grpc);
  const channels = openChannels(`127.0.0.1:${proxy.port}`, identity);
  const transfers = createGrpcTransfers(channels.bulk);
  return {
    name: identity.name,
    proxy,
    channels,
    upload: (onStart) => transfers.upload(REF, 'ciphertext', path, onStart),
  };
}

async function closeSite({ channels, proxy }: Site): Promise<void> {
  channels.close();
  await proxy.close();
}

/** Starts every upload and holds each back once two parts are stored; returns what is stored when nothing moves any more. */
async function uploadPartly({ folder }: Bench, sites: readonly Site[]): Promise<Map<string, number>> {
  // The kill ends them.
  for (const { upload, proxy } of sites) {
    proxy.limit(2 * PART_BYTES);
    void upload().catch(() => undefined);
  }
  for (const deadline = Date.now() + WAIT_MS; Date.now() < deadline; await sleep(20)) {
    const sizes = await readBlobSizes(join(folder, 'state'), JOB, `${REF.round}-${REF.attempt}`);
    const stored = new Map(sites.map(({ name }) => [name, sizes.get(`1-1/${name}.ciphertext`) ?? 0]));
    for (const { name, proxy } of sites) if (stored.get(name)! >= STORED_PARTS * PART_BYTES) proxy.pause();
    if ([...stored.values()].every((bytes) => bytes >= STORED_PARTS * PART_BYTES)) {
      await sleep(500);
      return storedNow(folder, sites);
    }
  }
  throw new Error('the uploads do not get on');
}

async function storedNow(folder: string, sites: readonly Site[]): Promise<Map<string, number>> {
  const sizes = await readBlobSizes(join(folder, 'state'), JOB, `${REF.round}-${REF.attempt}`);
  return new Map(sites.map(({ name }) => [name, sizes.get(`1-1/${name}.ciphertext`) ?? 0]));
}

/** True if the upload went on exactly behind what was stored, and is whole after it. */
async function goesOn({ proxy, upload }: Site, stored: number, whole: number): Promise<boolean> {
  proxy.limit(undefined);
  proxy.resume();
  for (const deadline = Date.now() + WAIT_MS; Date.now() < deadline; await sleep(200)) {
    const starts: number[] = [];
    const sent = await upload((offset) => starts.push(offset)).catch(() => undefined);
    if (sent !== undefined) return starts[0] === stored && sent === whole - stored && stored < whole;
  }
  return false;
}

function describe({ sites, ciphertextBytes, storedBytes, recoveryMs, resumed }: Measurement): string {
  const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  return [
    `coordinator killed with ${sites} open uploads of ${mib(ciphertextBytes)}, ${mib(storedBytes)} of them stored:`,
    `serves again after ${recoveryMs} ms, ${resumed} of ${sites} uploads went on from their committed offset`,
  ].join(' ');
}

await main();
