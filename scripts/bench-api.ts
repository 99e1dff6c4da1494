// Measures the admin API with many sites: node_modules/.bin/node scripts/bench-api.ts [--sites 200] [--jobs 50] [--streams 500] [--json]. The
// coordinator is a process of its own; reads are one after the other over TLS and one connection.
import { Agent, get, type RequestOptions } from 'node:https';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import type { Report } from './bench-api-coordinator.ts';
import { BenchedCoordinator } from './benched-coordinator.ts';

const WARM_UP = 20;
const READS = 60;
const CHANGES = 20;
const PATHS = [
  ...[
    '/v1/status',
    '/v1/federation',
    '/v1/sites?limit=200',
    '/v1/sites/site-7',
    '/v1/sites/site-7/contributions',
    '/v1/jobs',
  ],
  ...[
    '/v1/jobs/test-job-2',
    '/v1/jobs/test-job-2/rounds',
    '/v1/jobs/test-job-2/rounds/0',
    '/v1/jobs/test-job-2/privacy',
    '/v1/roster',
    '/v1/storage',
    '/v1/audit-trail',
  ],
];

interface Measurement {
  readonly sites: number;
  readonly jobs: number;
  /** By path. */
  readonly reads: Readonly<Record<string, Reads>>;
  readonly streams: number;
  /** What the coordinator's memory grew by with them, at rest and after events for all of them. */
  readonly streamsMiB: number;
  readonly streamsAfterEventsMiB: number;
  readonly eventsDelivered: number;
}

/** Of one read. */
interface Reads {
  readonly medianMs: number;
  /** What it costs the coordinator: the same whatever else the machine does. */
  readonly cpuMs: number;
}

async function main(): Promise<void> {
  const options = {
    sites: { type: 'string', default: '200' },
    jobs: { type: 'string', default: '50' },
    streams: { type: 'string', default: '500' },
    json: { type: 'boolean', default: false },
  } as const;
  const { values } = parseArgs({ options });
  const coordinator = await BenchedCoordinator.start(Number(values.sites), Number(values.jobs));
  try {
    const measured = await measure(coordinator, {
      ...{ sites: Number(values.sites), jobs: Number(values.jobs), streams: Number(values.streams) },
    });
    process.stdout.write(values.json ? `${JSON.stringify(measured)}\n` : describe(measured));
  } finally {
    coordinator.stop();
  }
}

async function measure(
  coordinator: BenchedCoordinator,
  { sites, jobs, streams }: Pick<Measurement, 'sites' | 'jobs' | 'streams'>,
): Promise<Measurement> {
  const { url, credential, ca } = coordinator.ready;
  const asking = { headers: { authorization: `Bearer ${credential}` }, ca };
  // Before anything else has made the process grow. One beforehand, so that what the first one begins is not counted for all of them.
  const readers = [await openStream(`${url}/v1/events`, asking)];
  const before = await coordinator.memory();
  while (readers.length < streams) readers.push(await openStream(`${url}/v1/events`, asking));
  const open = await coordinator.memory();
  for (let i = 0; i < CHANGES; i++) await coordinator.change();
  const after = await coordinator.memory();
  const eventsDelivered = readers.reduce((sum, { events }) => sum + events(), 0);
  for (const { close } of readers) close();
  const reads: Record<string, Reads> = {};
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (const path of PATHS) reads[path] = await measureReads(coordinator, url + path, { ...asking, agent });
  agent.destroy();
  const grown = ({ rss }: Report) => Math.round((rss - before.rss) / 2 ** 20);
  return {
    ...{ sites, jobs, reads, streams, eventsDelivered },
    streamsMiB: grown(open),
    streamsAfterEventsMiB: grown(after),
  };
}

async function measureReads(
  coordinator: BenchedCoordinator,
  url: string,
  options: RequestOptions,
): Promise<Reads> {
  for (let i = 0; i < WARM_UP; i++) await read(url, options);
  const { cpuMs } = await coordinator.memory();
  const times: number[] = [];
  for (let i = 0; i < READS; i++) {
    const startMs = performance.now();
    await read(url, options);
    times.push(performance.now() - startMs);
  }
  const spentMs = (await coordinator.memory()).cpuMs - cpuMs;
  return { medianMs: times.sort((a, b) => a - b)[READS / 2]!, cpuMs: spentMs / READS };
}

function read(url: string, options: RequestOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, options, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`${url}: ${answer.statusCode}`));
      answer.resume().once('end', resolve);
    }).once('error', reject);
  });
}

/** Resolves once the stream has begun. */
function openStream(
  url: string,
  options: RequestOptions,
): Promise<{ events: () => number; close: () => void }> {
  let events = 0;
  return new Promise((resolve, reject) => {
    const asked = get(url, { ...options, agent: false }, (answer) => {
      if (answer.statusCode !== 200) return reject(new Error(`${url}: ${answer.statusCode}`));
      answer.on('data', (part: Buffer) => {
        events += part.toString('latin1').match(/^id: /gm)?.length ?? 0;
        resolve({ events: () => events, close: () => asked.destroy() });
      });
    });
    asked.on('error', reject);
  });
}

function describe(measured: Measurement): string {
  const { sites, jobs, streams, streamsMiB, streamsAfterEventsMiB, eventsDelivered } = measured;
  const lines = Object.entries(measured.reads).map(
    ([path, { medianMs, cpuMs }]) =>
      `  ${path.padEnd(28)} ${medianMs.toFixed(1)} ms, ${cpuMs.toFixed(1)} ms of a processor`,
  );
  return [
    `admin API with ${sites} sites and ${jobs} jobs, over TLS at a load of ${loadavg()[0]!.toFixed(1)}: median of ${READS} reads`,
    ...lines,
    `${streams} streams of events: ${streamsMiB} MiB, ${streamsAfterEventsMiB} MiB after ${eventsDelivered} events to all of them`,
    '',
  ].join('\n');
}

await main();
