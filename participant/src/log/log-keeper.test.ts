// A site follows a log: what it keeps, cosigns, and stops at.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { utf8, type JobId } from '@blindsum/proto';
import { checkSignature } from '@blindsum/proto/node';
import {
  claimCosignatures,
  memberWitnessKey,
  parseCheckpoint,
  parseCosignatures,
  parseNote,
  toCosignatureClaim,
} from '@blindsum/proto/tlog';
import { createTestFederation } from '../../../test/fixtures/federation.ts';
import { ShownLog } from '../../../test/fixtures/shown-log.ts';
import { MemoryLogJournal } from '../journal/memory-log-journal.ts';
import type { LogSource } from '../ports.ts';
import type { ProgressEvent } from '../session-progress.ts';
import { followLog } from './follow-log.ts';
import { LogKeeper } from './log-keeper.ts';
import { LogWitness } from './log-witness.ts';

const ORIGIN = 'test.example';
const { roster, sites } = createTestFederation();
const folder = await mkdtemp(join(tmpdir(), 'blindsum-log-'));
after(() => rm(folder, { recursive: true }));

/** A site that is shown whatever `shown.log` is. */
function createSite(log = new ShownLog(ORIGIN)) {
  const shown = { log };
  const time = { nowMs: 1_800_000_000_000 };
  const journal = new MemoryLogJournal();
  const source: LogSource = {
    introduction: () => shown.log.source().introduction(),
    checkpoint: (oldSize) => shown.log.source().checkpoint(oldSize),
    record: (...asked) => shown.log.source().record(...asked),
    cosign: (...posted) => shown.log.source().cosign(...posted),
    show: (note) => shown.log.source().show(note),
  };
  const clock = { nowMs: () => time.nowMs };
  const keeper = new LogKeeper({ federation: ORIGIN, source, journal, clock, folder });
  const [own] = sites;
  const witness = new LogWitness({
    ...{ own: own!.member, sign: own!.sign, members: () => roster, source, clock },
  });
  return { shown, time, journal, source, keeper, witness };
}

test('a site keeps every checkpoint before it does anything with it', async () => {
  const { shown, journal, keeper } = createSite();
  assert.equal((await keeper.follow()).head.size, 1n);
  for (let entries = 0; entries < 5; entries++) {
    shown.log.appendOther();
    const { head } = await keeper.follow();
    assert.equal(head.size, BigInt(shown.log.size));
    assert.deepEqual(journal.head(), head);
  }
});

test('the log that was seen first is the only one', async () => {
  const { shown, keeper, journal } = createSite();
  await keeper.follow();
  shown.log = new ShownLog('other.example');
  await assert.rejects(keeper.follow(), { code: 'BAD_SIGNATURE' });
  assert.equal(journal.alarm(), undefined, 'what nobody signed is no evidence');
  assert.equal(journal.known()?.key.name, ORIGIN);
});

test('questions at the same time are answered one after the other', async () => {
  const { shown, keeper } = createSite();
  await keeper.follow();
  const followed = Array.from({ length: 5 }, () => {
    shown.log.appendOther();
    return keeper.follow();
  });
  assert.deepEqual(
    (await Promise.all(followed)).map(({ head }) => head.size),
    [6n, 6n, 6n, 6n, 6n],
  );
});

test('a log that forked is not believed any more, also after it is mended, until a person resets it', async () => {
  const { shown, keeper, journal } = createSite();
  const honest = shown.log;
  honest.appendOther();
  await keeper.follow();
  shown.log = honest.fork(1);
  shown.log.appendOther(77);
  await assert.rejects(keeper.follow(), { code: 'LOG_FORKED' });
  const evidence = await readFile(join(folder, journal.alarm()!.evidence), 'utf8');
  for (const log of [honest, shown.log]) assert.ok(evidence.includes(Buffer.from(log.note()).toString()));
  shown.log = honest;
  const ref = { job: 'a-job' as JobId, round: 1, attempt: 1 };
  await assert.rejects(keeper.follow(), { code: 'LOG_FORKED' });
  await assert.rejects(keeper.record({ kind: 'end', ref }), { code: 'LOG_FORKED' });
  await keeper.showKept();
  assert.deepEqual(
    shown.log.shownBack.map((note) => Buffer.from(note).toString()),
    [journal.head()!.note],
  );
  journal.reset();
  assert.equal((await keeper.follow()).head.size, 2n);
});

test('a checkpoint that another process has kept meanwhile is asked for again', async () => {
  const { shown, keeper, journal, source } = createSite();
  const { head } = await keeper.follow();
  const slow = new LogKeeper({
    ...{ federation: ORIGIN, journal, folder, clock: { nowMs: () => 0 } },
    source: {
      ...source,
      checkpoint: async (oldSize) => {
        const answer = await source.checkpoint(oldSize);
        journal.advance(head, { ...head, size: 9n });
        return answer;
      },
    },
  });
  shown.log.appendOther();
  await assert.rejects(slow.follow(), { code: 'BUSY' });
  assert.equal(journal.head()?.size, 9n);
});

test('a site cosigns the checkpoint that it keeps, with its key of the roster, once and then every few minutes', async () => {
  const { shown, time, keeper, witness, journal } = createSite();
  const cosign = async () => witness.cosign(await keeper.follow());
  const { cosigned } = shown.log;
  await cosign();
  await cosign();
  assert.equal(cosigned.length, 1);
  const { text } = parseNote(utf8(journal.head()!.note));
  const key = memberWitnessKey(ORIGIN, sites[0]!.member);
  const [line] = parseCosignatures(cosigned[0]!.lines);
  claimCosignatures(parseNote(utf8(journal.head()!.note)), [line!], [key]).verify(checkSignature);
  const { timeSeconds } = toCosignatureClaim(text, { key, signature: line!.signature });
  assert.equal(timeSeconds, 1_800_000_000n);
  assert.equal(parseCheckpoint(text).size, cosigned[0]!.size);
  time.nowMs += 6 * 60_000;
  await cosign();
  assert.equal(cosigned.length, 2);
  shown.log.appendOther();
  await cosign();
  assert.deepEqual(
    cosigned.map(({ size }) => size),
    [1n, 1n, 2n],
  );
});

test('a site that is no member yet cosigns nothing', async () => {
  const { shown, keeper, source } = createSite();
  const { member, sign } = sites[0]!;
  for (const members of [() => undefined, () => ({ members: [sites[1]!.member] })]) {
    const witness = new LogWitness({ own: member, sign, members, source, clock: { nowMs: () => 1e12 } });
    await witness.cosign(await keeper.follow());
  }
  assert.deepEqual(shown.log.cosigned, []);
});

test('nothing that is not kept is cosigned: a shrunk log is told once, shown what is kept, and left alone', async () => {
  const { shown, journal, keeper, witness } = createSite();
  shown.log.appendOther();
  await keeper.follow();
  shown.log = shown.log.fork(1);
  const stop = new AbortController();
  const events: ProgressEvent[] = [];
  const slept: number[] = [];
  const sleep = async (ms: number) => {
    slept.push(ms);
    if (slept.length === 3) stop.abort();
  };
  await followLog({
    ...{ keeper, witness, journal, signal: stop.signal, report: (event) => events.push(event) },
    receipts: { collect: async () => undefined },
    clock: { nowMs: () => 0, sleep },
  });
  assert.deepEqual(
    events.map(({ event }) => event),
    ['log-refused'],
  );
  assert.deepEqual(shown.log.cosigned, []);
  assert.equal(shown.log.shownBack.length, 3);
  assert.ok(slept.every((ms) => ms >= 60_000));
});
