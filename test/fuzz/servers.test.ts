// A running coordinator under hostile requests: every gRPC method, by a member of a job; every HTTP route; the operator's socket. What
// is answered has a status with a code, nothing crashes, and an honest site is served afterwards.
import assert from 'node:assert/strict';
import { request as requestHttp, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Metadata, type ServiceError } from '@grpc/grpc-js';
import type { DescMethod, DescService } from '@bufbuild/protobuf';
import { commitmentCodec, consentCodec, REFUSAL_CODES, utf8, type Bytes, type Digest } from '@blindsum/proto';
import { FederationService } from '@blindsum/proto/rpc';
import {
  startTestCoordinator,
  TEST_JOB,
  type TestCoordinator,
} from '../../coordinator/src/federation.fixture.ts';
import { SERVICES } from '../../coordinator/src/rpc/access-rules.ts';
import { TestJob } from '../../coordinator/src/whole-rounds.fixture.ts';
import { SeededRandom } from '../simulation/seeded-random.ts';
import { mutate, noise } from './mutations.ts';
import { sampleRequest, type Values } from './sample-request.ts';

const CALLS_PER_METHOD = 120;
const REQUESTS = 1500;
const AT_ONCE = 8;
const DIGEST = 'ab'.repeat(32) as Digest;
const CODES: readonly string[] = [...REFUSAL_CODES];
/** Only waiting: WatchRound may wait for 30 seconds. */
const PATIENCE_MS = 2000;

let coordinator: TestCoordinator;
let job: TestJob;
let values: Values;

before(async () => {
  coordinator = await startTestCoordinator();
  job = await TestJob.start(coordinator);
  const [a] = job.sites;
  const { context } = (await job.current()).terms;
  const roots = { ciphertextRoot: DIGEST, shareRoot: DIGEST };
  const commitment = a!.sign(commitmentCodec, { context, site: a!.site, chunks: 1, ...roots });
  const hashes = { manifestHash: DIGEST, rosterHash: DIGEST };
  const consent = a!.sign(consentCodec, {
    federation: 'test.example',
    job: job.job,
    site: a!.site,
    ...hashes,
  });
  values = {
    texts: [
      TEST_JOB.job,
      TEST_JOB.job,
      'hospital-a',
      'hospital-b',
      '',
      'x',
      '../x',
      '__proto__',
      'cpu',
      '0.1.0',
      '\u0000',
    ],
    bytes: [commitment.payload, commitment.signature, consent.payload, consent.signature, new Uint8Array(32)],
  };
});

after(async () => {
  job.close();
  await coordinator.remove();
});

interface Outcome {
  readonly status: number;
  readonly code: string | undefined;
}

/** One call with these exact bytes. */
function call(service: DescService, method: DescMethod, requests: readonly Bytes[]): Promise<Outcome> {
  const { client } = job.sites[0]!;
  const path = `/${service.typeName}/${method.name}`;
  const send = (bytes: Bytes) => Buffer.from(bytes);
  const take = (bytes: Buffer) => bytes;
  const options = { deadline: Date.now() + PATIENCE_MS };
  return new Promise((resolve) => {
    const answer = (error: ServiceError | null): void =>
      resolve({ status: error?.code ?? 0, code: error?.metadata.get('blindsum-code')[0]?.toString() });
    if (method.methodKind === 'server_streaming') {
      const stream = client.makeServerStreamRequest(path, send, take, requests[0]!, new Metadata(), options);
      stream
        .on('data', () => {})
        .on('error', answer)
        .on('end', () => answer(null));
    } else if (method.methodKind === 'client_streaming') {
      const stream = client.makeClientStreamRequest(path, send, take, new Metadata(), options, answer);
      for (const bytes of requests) stream.write(bytes);
      stream.end();
    } else client.makeUnaryRequest(path, send, take, requests[0]!, new Metadata(), options, answer);
  });
}

async function inParallel(count: number, act: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) await act(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

for (const service of Object.values<DescService>(SERVICES)) {
  for (const method of service.methods) {
    test(`hostile calls of ${service.name}.${method.name}`, async () => {
      await inParallel(CALLS_PER_METHOD, async (index) => {
        const random = new SeededRandom(index);
        const sampled = () => sampleRequest(random, method.input, values);
        const one = () => (random.chance(0.5) ? sampled() : mutate(random, [sampled(), sampled()]));
        const requests = Array.from({ length: 1 + random.below(3) }, one);
        const { status, code } = await call(service, method, requests);
        // 1 and 4: a wait that the caller ended.
        const isKnown = status === 0 || status === 4 || (code !== undefined && CODES.includes(code));
        assert.ok(
          isKnown,
          `status ${status}, code ${code}, of ${requests.map((bytes) => Buffer.from(bytes).toString('hex')).join(' ')}`,
        );
      });
      assert.deepEqual(coordinator.crashes, []);
    });
  }
}

type Target = RequestOptions & { readonly protocol: string; readonly headers: Record<string, string> };

/** The status of a response, and the code in its body if it is a problem. */
function ask(target: Target, body: Bytes | undefined): Promise<Outcome> {
  const headers = { ...target.headers, 'content-length': body?.length ?? 0 };
  const options = { ...target, headers, rejectUnauthorized: false, agent: false };
  return new Promise((resolve, reject) => {
    const sent = (target.protocol === 'https:' ? requestHttps : requestHttp)(options, (response) => {
      const parts: Buffer[] = [];
      response
        .on('data', (part: Buffer) => parts.push(part))
        .on('error', reject)
        .on('end', () => {
          const { statusCode = 0, headers } = response;
          const isProblem = headers['content-type']?.startsWith('application/problem+json');
          const text = Buffer.concat(parts).toString('utf8');
          const code = isProblem ? (JSON.parse(text || '{}') as { code?: string }).code : undefined;
          resolve({ status: statusCode, code });
        });
    });
    sent.on('error', reject).end(body);
  });
}

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH'];

/** A path of printable characters, as a request line can hold it. */
function pathFrom(random: SeededRandom, paths: readonly string[]): string {
  const text = Buffer.from(mutate(random, paths.map(utf8))).toString('latin1');
  return `/${text.replace(/[^!-~]/g, (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`)}`.slice(
    0,
    4000,
  );
}

function assertAnswered({ status, code }: Outcome, what: string): void {
  const isRefusal = status >= 400 && code !== undefined && CODES.includes(code);
  // Without a body there is no code: HEAD, and what Node's own parser turns away.
  assert.ok(
    status < 400 || isRefusal || what.startsWith('HEAD') || (status === 400 && code === undefined),
    `${status} ${code} of ${what}`,
  );
  assert.notEqual(code, 'INTERNAL', what);
}

test('hostile requests of every HTTP route', async () => {
  const { protocol, hostname, port } = new URL(coordinator.running.httpUrl);
  const paths = [
    '/v1/status',
    '/v1/jobs',
    `/v1/jobs/${TEST_JOB.job}/rounds/0`,
    '/v1/sites',
    '/metrics',
    '/healthz',
    '/readyz',
    '/checkpoint',
    '/tile/0/000.p/1',
    '/tile/entries/000.p/1',
    '/records/x.json',
    '/log.vkey',
    '/%2e%2e/x',
    '/v1/jobs/../../x',
    '/tile/0/x000/..%2f',
  ];
  await inParallel(REQUESTS, async (index) => {
    const random = new SeededRandom(index);
    const method = random.chance(0.6) ? 'GET' : random.pick(METHODS);
    const path = random.chance(0.1) ? random.pick(paths) : pathFrom(random, paths);
    const body = ['GET', 'HEAD'].includes(method) ? undefined : noise(random, random.below(2000));
    const headers = {
      'content-type': random.pick(['application/json', 'text/plain', 'x', 'application/json; charset=x']),
    };
    assertAnswered(await ask({ protocol, hostname, port, path, method, headers }, body), `${method} ${path}`);
  });
  assert.deepEqual(coordinator.crashes, []);
});

test('hostile requests on the operator’s socket', async () => {
  const socketPath = join(coordinator.config.stateDirectory, 'admin.sock');
  const job = TEST_JOB.job;
  const paths = [
    '/v1/sites',
    '/v1/sites?limit=1&cursor=eA',
    '/v1/jobs',
    '/v1/jobs/validate',
    `/v1/jobs/${job}/pause`,
    `/v1/jobs/${job}/resume`,
    '/v1/invitations',
    '/v1/retention-hold',
    '/v1/roster/next',
    '/v1/status',
    '/v1/sites/x/revoke',
    '/v1/keys',
    '/v1/keys/x/rotate',
    '/v1/keys/x/revoke',
    '/v1/roster',
    '/v1/backups',
    '/v1/audit-trail?since=1&action=job.pause',
  ];
  const bodies = [
    '{"reason":"over"}',
    '{}',
    '{"site":"hospital-z","lifetimeMs":1000}',
    '{"name":"console","scope":"read","lifetimeMs":1000}',
    '{"overlapMs":1000}',
    '{"folder":"/tmp/x"}',
    '{"format":"blindsum-site-request/v1","site":"x"}',
    '{"format":"blindsum-signed-manifest/v1","manifest":"AAAA","signature":"00"}',
  ].map(utf8);
  await inParallel(REQUESTS / 2, async (index) => {
    const random = new SeededRandom(index);
    const method = random.pick(['POST', 'POST', 'POST', 'GET', 'PUT', 'DELETE']);
    const path = random.chance(0.6) ? random.pick(paths) : pathFrom(random, paths);
    const body = method === 'GET' ? undefined : mutate(random, bodies);
    const headers = { 'content-type': 'application/json' };
    assertAnswered(
      await ask({ protocol: 'http:', socketPath, path, method, headers }, body),
      `${method} ${path}`,
    );
  });
  assert.deepEqual(coordinator.crashes, []);
});

test('an honest site is served after all that', async () => {
  const [, b] = job.sites;
  assert.equal((await b!.call(FederationService, 'getFederation', {})).federation, 'test.example');
});
