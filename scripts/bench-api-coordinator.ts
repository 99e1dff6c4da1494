// The coordinator that is measured through its admin API and its console. Given numbers, it makes a state with so many sites, a
// roster of all of them and so many jobs, and ends; given a folder with such a state, it serves it, with the memory of one that has
// just started.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerOf } from '@blindsum/admin-client';
import { adoptRoster } from '../coordinator/src/adoption.fixture.ts';
import {
  admitTestSite,
  FEDERATION,
  startTestCoordinator,
  type TestSite,
} from '../coordinator/src/federation.fixture.ts';
import { submitTestJob } from '../coordinator/src/submitted-job.fixture.ts';
import { playJobs } from './bench-api-jobs.ts';

export interface Ready {
  readonly url: string;
  readonly credential: string;
  /** PEM. */
  readonly ca: string;
}

export interface Report {
  /** Bytes. */
  readonly rss: number;
  /** Of the processors, since it started. */
  readonly cpuMs: number;
}

/** Two looks of those that tell events. */
const TOLD_MS = 1100;

const [, , given = '200', jobs = '1'] = process.argv;
if (/^[0-9]+$/.test(given)) await makeState(Number(given), Number(jobs));
else await serve(given);

async function makeState(count: number, jobCount: number): Promise<void> {
  const coordinator = await startTestCoordinator();
  const sites: TestSite[] = [];
  for (let i = 1; i <= count; i++) sites.push(await admitTestSite(coordinator, `site-${i}`));
  await adoptRoster(coordinator, sites);
  for (const site of sites) site.close();
  for (let i = 1; i <= jobCount; i++)
    await submitTestJob(coordinator.admin, i === 1 ? {} : { job: `test-job-${i}` });
  await coordinator.running.stop();
  await playJobs(coordinator.config.stateDirectory);
  process.send?.(coordinator.config.stateDirectory);
}

async function serve(stateDirectory: string): Promise<void> {
  const log = {
    origin: FEDERATION,
    directory: join(stateDirectory, 'log'),
    mirrors: [],
    administrationMinutes: 10,
  };
  const coordinator = await startTestCoordinator({}, { stateDirectory, log });
  const { admin, running } = coordinator;
  const { credential } = await answerOf(
    admin.POST('/v1/keys', { body: { name: 'bench', scope: 'operator' } }),
  );
  const ca = await readFile(join(stateDirectory, 'identity/authority.pem'), 'utf8');
  let isPaused = false;
  let collectingMs = 0;
  const act = async (isChange: boolean): Promise<Report> => {
    if (isChange) {
      const what = isPaused ? 'resume' : 'pause';
      await admin.POST(`/v1/jobs/{job}/${what}`, { params: { path: { job: 'test-job' } } });
      isPaused = !isPaused;
      await sleep(TOLD_MS);
    }
    // Without the collections, which no read asks for.
    const cpuMs = spentMs() - collectingMs;
    globalThis.gc?.();
    collectingMs = spentMs() - cpuMs;
    return { rss: process.memoryUsage().rss, cpuMs };
  };
  process.on('message', (what) => void act(what === 'change').then((answer) => process.send?.(answer)));
  process.on('SIGTERM', () => void coordinator.remove().then(() => process.exit(0)));
  process.send?.({ url: running.httpUrl, credential, ca } satisfies Ready);
}

function spentMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
