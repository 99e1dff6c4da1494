// What a site that is killed costs the others, and itself: real processes, one aimed kill.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { layoutOf } from '../../scripts/demonstration/configuration.ts';
import { Processes } from '../../scripts/demonstration/processes.ts';
import { readJournal } from '../../scripts/disturbance/dead-state.ts';
import { folderOf, openFederation } from '../../scripts/disturbance/federation-under-test.ts';
import type { TimedEvent } from '../../scripts/disturbance/ledger.ts';

const TIMEOUT_MS = 230_000;
const OPEN_SECONDS = 12;
/** A phase that waits for a site that is gone does so for these. */
const SHORT_WAITS = {
  joinSeconds: 120,
  collectSeconds: 120,
  graceSeconds: 60,
  acknowledgeSeconds: 10,
  checksumSeconds: 10,
  openSeconds: OPEN_SECONDS,
  attestSeconds: 60,
};

interface PhaseLine {
  readonly event: string;
  readonly time: number;
  readonly round: number;
  readonly phase: string;
}

/** A federation with one training round, what its sites report and what its coordinator logs. */
async function start(context: TestContext, sites: number) {
  const folder = await mkdtemp(join(tmpdir(), 'blindsum-killed-'));
  const layout = layoutOf(folder);
  const processes = new Processes(layout.output);
  const events: { site: string; event: TimedEvent }[] = [];
  const phases: PhaseLine[] = [];
  const federation = await openFederation({
    ...{ layout, processes, sites, rounds: 1, waits: SHORT_WAITS },
    onSiteLine: (site, line) => {
      if (line.startsWith('{')) events.push({ site, event: JSON.parse(line) as TimedEvent });
    },
    onCoordinatorLine: (line) => {
      if (line.includes('"round.phase"')) phases.push(JSON.parse(line) as PhaseLine);
    },
    onOwnEnd: () => undefined,
  });
  context.after(async () => {
    processes.kill();
    await processes.stop();
    await federation.close();
    await rm(folder, { recursive: true, force: true });
  });
  for (const site of federation.sites) void site.start();
  const has = (site: string, name: TimedEvent['event'], round: number) =>
    events.some(
      (one) =>
        one.site === site && one.event.event === name && 'round' in one.event && one.event.round === round,
    );
  const phase = (round: number, name: string) =>
    phases.find((line) => line.round === round && line.phase === name);
  return { layout, federation, events, has, phase };
}

async function until(isDone: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isDone())) await sleep(20);
}

test(
  'a finished training is not repeated after kill -9 when its encrypted update is on disk',
  { timeout: TIMEOUT_MS },
  async (context) => {
    const { layout, federation, events, has } = await start(context, 3);
    const [site, line] = [federation.sites[0]!, federation.lines[0]!];
    const { job } = federation.job;
    const commitments = async () =>
      (await readJournal(folderOf(layout, site), job)).commitments.filter(({ round }) => round === 1);
    // Nothing leaves the site from the end of its training on, so that the update is on disk only.
    await until(() => has(site.name, 'trained', 1));
    line.proxy.pause();
    await until(() => has(site.name, 'encrypted', 1));
    await until(async () => (await commitments().catch(() => [])).length > 0);
    await site.kill();
    assert.deepEqual(await commitments(), [{ round: 1, attempt: 1, isAccepted: false }]);
    const before = events.length;
    line.proxy.resume();
    void site.start();
    await until(() => has(site.name, 'committed', 1));
    const since = events
      .slice(before)
      .filter((one) => one.site === site.name && 'round' in one.event && one.event.round === 1)
      .map(({ event }) => event.event);
    assert.ok(since.includes('uploaded'));
    for (const repeated of ['train', 'trained', 'encrypted'] as const)
      assert.ok(!since.includes(repeated), repeated);
  },
);

test(
  'a round with one of five sites killed after contributing ends within its opening deadline',
  { timeout: TIMEOUT_MS },
  async (context) => {
    const { federation, has, phase } = await start(context, 5);
    const site = federation.sites[4]!;
    await until(() => has(site.name, 'committed', 1));
    await site.kill();
    await until(() => phase(1, 'published') !== undefined);
    const [opening, published] = [phase(1, 'opening')!, phase(1, 'published')!];
    const seconds = (published.time - opening.time) / 1000;
    context.diagnostic(`published ${seconds.toFixed(1)} s after the opening began`);
    const [round] = (await federation.status.rounds(federation.job.job, new Map())).filter(
      (one) => one.round === 1,
    );
    assert.deepEqual([round?.attempt, round?.state], [1, 'published']);
    assert.ok(
      round?.contributors.includes(site.name),
      'it counts: others signed its checksum and opened its share',
    );
    assert.ok(seconds < OPEN_SECONDS, `${seconds} s`);
  },
);
