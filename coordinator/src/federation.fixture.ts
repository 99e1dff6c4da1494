// A coordinator on loopback with ephemeral ports, and sites that talk to it as their agents do, but encrypt nothing: their
// ciphertexts are random residues. Two sites and a coordinator cannot tell.
import { randomBytes, webcrypto } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { parseSiteGrant, Q, toHex, utf8, type Sign, type SiteId, type SiteRequest } from '@blindsum/proto';
import { createEd25519Signer } from '@blindsum/proto/node';
import { answerOf, type AdminClient } from '@blindsum/admin-client';
import { connectSocket } from './admin/admin-transport.ts';
import type { Config } from './config.ts';
import { startCoordinator, type Coordinator } from './coordinator.ts';
import { createReader } from './reader.fixture.ts';
import { x509 } from './identity/x509.ts';
import { TestSite } from './test-site.fixture.ts';

export { callUnary, refusedAs, type CallError } from './rpc-calls.fixture.ts';
export { TestSite, type RoundInit, type SentCall } from './test-site.fixture.ts';

export const FEDERATION = 'test.example';

export interface TestCoordinator {
  readonly config: Config;
  readonly running: Coordinator;
  readonly admin: AdminClient;
  /** GET over HTTPS with a key of the scope `read`; or with these settings, and no key. */
  readonly get: (path: string, init?: Parameters<typeof fetch>[1]) => Promise<Response>;
  /** Errors that would have ended the process. */
  readonly crashes: readonly unknown[];
  /** Lines of the log, if it is not silent. */
  readonly lines: readonly string[];
  /** What its clock is ahead of the machine's. */
  readonly time: { offsetMs: number };
  /** Starts another one on the same state. */
  startAnother(): Promise<TestCoordinator>;
  remove(): Promise<void>;
}

/** Starts one with these limits and settings, in a new folder unless they name one. */
export async function startTestCoordinator(
  limits: Partial<Config['limits']> = {},
  changes: Partial<Config> = {},
  offsetMs = 0,
): Promise<TestCoordinator> {
  const stateDirectory = changes.stateDirectory ?? (await mkdtemp(join(tmpdir(), 'bs-')));
  return startIn({ ...testConfig(stateDirectory, limits), ...changes }, offsetMs);
}

function testConfig(stateDirectory: string, limits: Partial<Config['limits']>): Config {
  return {
    federation: FEDERATION,
    stateDirectory,
    listen: { grpc: '127.0.0.1:0', http: '127.0.0.1:0' },
    keys: {},
    identity: { authority: 'own', siteCertificateDays: 90, serverCertificateDays: 90 },
    http: { tls: 'authority', trustProxy: [], requestsPerMinute: 1_000_000 },
    log: {
      origin: FEDERATION,
      directory: join(stateDirectory, 'log'),
      mirrors: [],
      administrationMinutes: 10,
    },
    witnesses: { standAlone: [], quorum: { standAlone: 0 }, heartbeatMinutes: 10 },
    limits: {
      maxUploadsAtOnce: 4,
      maxUploadBytesPerSite: Infinity,
      maxUploadBytesPerRound: Infinity,
      diskReserveBytes: 0,
      maxRunningJobs: 4,
      maxOpenJobs: 100,
      ...limits,
    },
    retention: { publishedRounds: Infinity, failedAttempts: 1 },
    aggregation: { workers: 1 },
    logging: { level: 'silent' },
  };
}

async function startIn(config: Config, offsetMs = 0): Promise<TestCoordinator> {
  const time = { offsetMs };
  const crashes: unknown[] = [];
  const lines: string[] = [];
  const running = await startCoordinator(config, {
    clock: { nowMs: () => Date.now() + time.offsetMs },
    log: pino({ level: config.logging.level }, { write: (line) => void lines.push(line) }),
    crash: (error) => crashes.push(error),
  });
  const admin = connectSocket(join(config.stateDirectory, 'admin.sock'));
  return {
    config,
    running,
    crashes,
    lines,
    admin,
    time,
    get: createReader(running, config, admin),
    startAnother: () => startIn(config, time.offsetMs),
    async remove() {
      await running.stop();
      await rm(config.stateDirectory, { recursive: true });
    },
  };
}

const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** A site's keys and request; the sharing key is random bytes, because no share is ever opened. */
export async function createSiteRequest(
  site: string,
  { asksFor }: { readonly asksFor?: string } = {},
): Promise<{ request: SiteRequest; sign: Sign; tlsKey: string }> {
  const signer = createEd25519Signer(randomBytes(32));
  const keys = await webcrypto.subtle.generateKey(P256, true, ['sign', 'verify']);
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({
    name: 'CN=x',
    keys,
    signingAlgorithm: P256,
    // What no request has a say in.
    extensions:
      asksFor === undefined
        ? []
        : [
            new x509.BasicConstraintsExtension(true),
            new x509.SubjectAlternativeNameExtension([
              { type: 'url', value: `fed://${FEDERATION}/site/${asksFor}` },
            ]),
          ],
  });
  const request: SiteRequest = {
    format: 'blindsum-site-request/v1',
    federation: FEDERATION,
    site: site as SiteId,
    signingKey: toHex(signer.publicKey),
    sharingKey: randomBytes(1216).toString('hex'),
    csr: csr.toString('pem'),
  };
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { request, sign: signer.sign, tlsKey: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY') };
}

export async function admitTestSite({ admin }: TestCoordinator, name: string): Promise<TestSite> {
  const { request, sign, tlsKey } = await createSiteRequest(name);
  const answer = await answerOf(admin.POST('/v1/sites', { body: request }));
  return new TestSite(parseSiteGrant(utf8(JSON.stringify(answer))), { request, sign, tlsKey });
}

/** `count` residues below q. */
export function randomResidues(count: number): BigUint64Array {
  const words = new BigUint64Array(randomBytes(count * 8).buffer.slice(0));
  return words.map((word) => word % Q);
}

export const TEST_JOB = {
  job: 'test-job',
  data: {
    features: [{ column: 'age', type: 'number', min: 0, max: 120 }],
    label: { column: 'outcome', positive: '1', negative: '0' },
  },
  model: { kind: 'mlp', hidden: [2], activation: 'relu' },
  training: { epochs: 1, batchSize: 8, optimizer: { kind: 'sgd', learningRate: 0.1 } },
  strategy: { maxExamples: 1000, clipNorm: 1 },
  rounds: 1,
  evaluationBins: 8,
};
