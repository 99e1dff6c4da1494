// A coordinator whose transparency log is not what it says: no site opens a set that the log does not show to everybody, and a log
// that contradicts itself stops the sites that notice, with the evidence (PROTOCOL.md section 8, invariant 10).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { toSealedName } from '@blindsum/proto/tlog';
import type { RefusalCode, SiteId } from '@blindsum/proto';
import type { LogSource } from '../../participant/src/ports.ts';
import type { ShownLog } from '../fixtures/shown-log.ts';
import { everyone, withFederation, type AttackedFederation } from './attacked-federation.ts';
import type { Lies } from './lying-coordinator.ts';

type ShowLog = NonNullable<Lies['log']>;

/** The honest log with one answer changed. */
function bent(
  log: ShownLog,
  bend: (shown: Awaited<ReturnType<LogSource['record']>>) => typeof shown,
): LogSource {
  const honest = log.source();
  return { ...honest, record: async (...asked) => bend(await honest.record(...asked)) };
}

const LIES: [string, ShowLog, RefusalCode][] = [
  [
    'attack: a missing sealed entry',
    (log) => ({
      ...log.source(),
      record: (wanted, oldSize) => log.fork(1).source().record(wanted, oldSize),
    }),
    'NOT_FOUND',
  ],
  [
    'attack: a sealed entry that is signed, and not in the tree',
    (log) => {
      const index = log.size - 1;
      const outside = log.fork(index);
      outside.appendOther();
      return bent(log, ({ record }) => ({
        head: outside.head(1n),
        record: { ...record, proof: outside.shown(index).proof },
      }));
    },
    'BAD_PROOF',
  ],
  [
    'attack: the proof of another record',
    (log) =>
      bent(log, ({ head, record }) => ({
        head,
        record: { ...record, index: 0n, proof: log.shown(0).proof },
      })),
    'BAD_PROOF',
  ],
  [
    'attack: another record in the place of the sealed entry',
    (log) => bent(log, ({ head }) => ({ head, record: log.shown(0) })),
    'NOT_LOGGED',
  ],
  [
    'attack: a sealed entry whose signature is not that of the log',
    (log) =>
      bent(log, ({ head, record }) => ({ head, record: { ...record, signature: log.shown(0).signature } })),
    'BAD_SIGNATURE',
  ],
];

test('no site opens a set that the log does not show', async (t) => {
  for (const [what, log, code] of LIES) {
    await t.test(`${what}: ${code} at every site`, async () => {
      await withFederation({ sites: 3, lies: { log } }, async (federation) => {
        await federation.run();
        federation.assertRefusedBeforeOpening(everyone(3, code));
      });
    });
  }
});

test('attack: the log has a sealed entry of the same number, of another set', async () => {
  let other: ShownLog | undefined;
  const log: ShowLog = (honest) => {
    if (other) return other.source();
    other = honest.fork(1);
    const members = ['11', '22', '33'].map((digits) => digits.repeat(32) as never);
    const digest = 'ab'.repeat(32) as never;
    const ref = { job: 'test-job', round: 1, attempt: 1, setAttempt: 1 };
    other.appendSealed({ ...ref, context: digest, rosterHash: digest, setRoot: digest, members });
    return other.source();
  };
  await withFederation({ sites: 3, lies: { log } }, async (federation) => {
    await federation.run();
    federation.assertRefusedBeforeOpening(everyone(3, 'NOT_LOGGED'));
  });
});

/** The sites have seen the log while the round collects; the log is then another one to some of them. */
async function runWithLaterLog(federation: AttackedFederation, later: ShowLog): Promise<void> {
  for (let entries = 0; entries < 3; entries++) federation.coordinator.log.appendOther();
  await federation.run('summed');
  // What was promised for their commitments has pinned the log at each site.
  for (const site of federation.sites) assert.ok(site.logJournal.head());
  federation.coordinator.lies = { log: later };
  await federation.run();
}

const half = (site: SiteId) => site >= 'hospital-c';

test('attack: a forked log shown to half of the sites: these open nothing, stop, and keep both checkpoints', async () => {
  await withFederation({ sites: 4 }, async (federation) => {
    let fork: ShownLog | undefined;
    await runWithLaterLog(federation, (log, site) => {
      if (!half(site)) return undefined;
      fork ??= forkOf(log);
      return fork.source();
    });
    assert.deepEqual(federation.senders('opening'), [0, 1]);
    assertStopped(federation, [2, 3], 'LOG_FORKED');
    await assertStaysStopped(federation, [2, 3]);
  });
});

test('attack: a shrunk log: no site opens anything, and every site stops', async () => {
  await withFederation({ sites: 3 }, async (federation) => {
    await runWithLaterLog(federation, (log) => shrunk(log).source());
    federation.assertNothingOpened();
    assertStopped(federation, [0, 1, 2], 'LOG_SHRANK');
  });
});

test('attack: a back-dated entry, put before what the sites have seen: LOG_FORKED at every site', async () => {
  await withFederation({ sites: 3 }, async (federation) => {
    await runWithLaterLog(federation, (log) => {
      const sealed = log.find(toSealedName({ job: 'test-job', round: 1, attempt: 1, setAttempt: 1 }));
      return log.backDate(sealed, 1).source();
    });
    federation.assertNothingOpened();
    assertStopped(federation, [0, 1, 2], 'LOG_FORKED');
  });
});

/** A tree that is longer than the honest one, with the same sealed set, and another first entry after the charter. */
function forkOf(log: ShownLog): ShownLog {
  const fork = log.fork(1);
  for (let nth = 1000; fork.size < log.size; nth++) fork.appendOther(nth);
  fork.copy(log, log.size - 1);
  return fork;
}

/** A tree with the sealed set, of fewer entries than the sites have seen. */
function shrunk(log: ShownLog): ShownLog {
  const short = log.fork(1);
  short.copy(log, log.size - 1);
  return short;
}

function assertStopped(federation: AttackedFederation, indexes: readonly number[], code: RefusalCode): void {
  federation.assertRefused(Object.fromEntries(indexes.map((index) => [index, code])));
  for (const index of indexes) {
    const site = federation.site(index);
    const alarm = site.logJournal.alarm()!;
    assert.equal(alarm.code, code);
    assert.equal(site.opening(1), undefined);
    const evidence = readFileSync(site.pathOf(alarm.evidence), 'utf8');
    const notes = evidence.split('\n').filter((line) => line.startsWith('— test.example '));
    assert.equal(notes.length, 2, 'both checkpoints, each with the signature of the log');
  }
}

/** Whatever the log shows later, an honest one too. */
async function assertStaysStopped(federation: AttackedFederation, indexes: readonly number[]): Promise<void> {
  const { coordinator } = federation;
  coordinator.lies = {};
  coordinator.announce({ ...coordinator.ref, attempt: 2 });
  for (const site of federation.sites) await site.stop();
  await federation.run();
  for (const index of indexes) {
    const sent = coordinator.heard.filter(
      ({ site, attempt }) => site === federation.name(index) && attempt === 1002,
    );
    assert.deepEqual(sent, [], 'a site that has stopped sent something');
    assert.ok(federation.site(index).reports.some((event) => event.event === 'held-back'));
  }
}
