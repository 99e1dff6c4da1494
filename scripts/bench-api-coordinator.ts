// The coordinator that scripts/bench-api.ts measures: with many sites, a roster of all of them and a job.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { adoptRoster } from '../coordinator/src/adoption.fixture.ts';
import { admitTestSite, startTestCoordinator, type TestSite } from '../coordinator/src/federation.fixture.ts';
import { submitTestJob } from '../coordinator/src/submitted-job.fixture.ts';

export interface Ready {
  readonly url: string;
  readonly credential: string;
  /** PEM. */
  readonly ca: string;
}

export interface Report {
  /** Bytes. */
  readonly rss: number;
}

/** Two looks of those that tell events. */
const TOLD_MS = 1100;

const count = Number(process.argv[2] ?? 200);
const coordinator = await startTestCoordinator();
const sites: TestSite[] = [];
for (let i = 1; i <= count; i++) sites.push(await admitTestSite(coordinator, `site-${i}`));
await adoptRoster(coordinator, sites);
for (const site of sites) site.close();
await submitTestJob(coordinator.admin);
const { admin, running, config } = coordinator;
const { credential } = (await admin.post('/keys', '{"name":"bench","scope":"operator"}')) as {
  credential: string;
};
const ca = await readFile(join(config.stateDirectory, 'identity/authority.pem'), 'utf8');
process.send?.({ url: running.httpUrl, credential, ca } satisfies Ready);

let isPaused = false;
process.on('message', (what) => {
  void act(what === 'change').then(() => process.send?.({ rss: process.memoryUsage().rss } satisfies Report));
});
process.on('SIGTERM', () => void coordinator.remove().then(() => process.exit(0)));

async function act(isChange: boolean): Promise<void> {
  if (isChange) {
    await admin.post(`/jobs/test-job/${isPaused ? 'resume' : 'pause'}`, '{}');
    isPaused = !isPaused;
    await sleep(TOLD_MS);
  }
  globalThis.gc?.();
}
