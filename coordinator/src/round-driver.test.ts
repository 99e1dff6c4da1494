import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commitmentCodec, Refusal } from '@blindsum/proto';
import type { Misbehaviour } from '../../test/simulation/model-site.ts';
import { everyone, toEvent, toMessage } from '../../test/simulation/signed-messages.ts';
import { settleMicrotasks } from '../../test/simulation/simulated-world.ts';
import { SmallJob } from '../../test/simulation/small-job.ts';
import { createDrivers } from './drivers.ts';
import type { RecordLog } from './ports.ts';

test('a sum under way does not hold up the messages of its round', async () => {
  const job = new SmallJob();
  await job.start();
  await job.act();
  assert.equal(job.world.pending.count, 1);
  await job.act();
  assert.equal(await job.phase(), 'sealed');
  assert.equal(job.world.pending.count, 1, 'the sum was started again');
  await job.finishSum();
  assert.equal(await job.phase(), 'summed');
});

test('a message that was accepted is a retry in every later phase, and changes nothing', async () => {
  const job = new SmallJob();
  await job.start();
  const id = await job.id();
  const commitment = await job.owed(job.site(0));
  await job.publish();
  const before = await job.world.rounds.load(id);
  assert.equal(before?.round.phase, 'published');
  assert.equal(await job.world.deliver(commitment, id), 'accepted');
  assert.deepEqual(await job.world.rounds.load(id), before);
});

test('another message in the place of one that was accepted is refused, and changes nothing', async () => {
  const job = new SmallJob();
  await job.start();
  const id = await job.id();
  const site = job.site(0);
  const held = await job.owed(site);
  await job.act([site]);
  const before = await job.world.rounds.load(id);
  const content = commitmentCodec.parse(held.message.payload, everyone());
  const other = toMessage('commitment', { ...content, shareRoot: content.context });
  await assert.rejects(job.world.drivers.rounds.submit(id, toEvent(other), other), {
    code: 'CONFLICTING_SUBMISSION',
  });
  assert.deepEqual(await job.world.rounds.load(id), before);
  assert.deepEqual(await job.world.rounds.messages(id), [held]);
});

test('a message for a round that does not exist is refused', async () => {
  const job = new SmallJob();
  await job.start();
  const id = { ...(await job.id()), attempt: 2 };
  const message = await job.owed(job.site(0));
  await assert.rejects(job.world.drivers.rounds.submit(id, toEvent(message), message), { code: 'NOT_FOUND' });
});

test('a sum that fails is reported as a crash, and is still owed', async () => {
  const job = new SmallJob();
  await job.start();
  const id = await job.id();
  const crashes: unknown[] = [];
  const { rounds } = createDrivers({
    ...job.newProcess(),
    aggregator: { sum: () => Promise.reject(new Error('disk full')) },
    crash: (error) => crashes.push(error),
  });
  for (const message of await Promise.all(job.sites.map((site) => job.owed(site))))
    await rounds.submit(id, toEvent(message), message);
  await settleMicrotasks();
  assert.match(String(crashes), /disk full/);
  assert.deepEqual(
    (await job.world.rounds.load(id))?.owed.map(({ kind }) => kind),
    ['sum'],
  );
});

test('the sum of a set that a smaller one replaced is dropped when it is done', async () => {
  const dealer: Misbehaviour = { site: 'site-5' as never, round: 0, what: 'deals bad shares', always: true };
  const job = new SmallJob({ sites: 5 }, [dealer]);
  await job.start();
  await job.act();
  await job.act([job.site(0)]);
  assert.equal(job.world.pending.count, 2);
  await job.finishSum(0);
  const stored = await job.world.rounds.load(await job.id());
  assert(stored?.round.phase === 'sealed');
  assert.equal(stored.round.sum, undefined);
  assert.deepEqual(
    stored.owed.map((effect) => 'set' in effect && effect.set.setAttempt),
    [2],
  );
  await job.finishSum(0);
  assert.deepEqual((await job.world.rounds.load(await job.id()))?.owed, []);
});

test('after a restart only the sum of the current set is started', async () => {
  const dealer: Misbehaviour = { site: 'site-5' as never, round: 0, what: 'deals bad shares', always: true };
  const job = new SmallJob({ sites: 5 }, [dealer]);
  await job.start();
  await job.act();
  await job.act([job.site(0)]);
  await job.world.restart();
  await settleMicrotasks();
  assert.equal(job.world.pending.count, 1);
  const stored = await job.world.rounds.load(await job.id());
  assert.deepEqual(
    stored?.owed.map((effect) => 'set' in effect && effect.set.setAttempt),
    [2],
  );
});

test('two processes over one store lose none of the messages that reach them at once', async () => {
  const job = new SmallJob({ sites: 5 });
  await job.start();
  const id = await job.id();
  const drivers = [0, 1].map(() => createDrivers(job.newProcess()));
  const messages = await Promise.all(job.sites.slice(0, 4).map((site) => job.owed(site)));
  const submissions = messages.map(async (message, i) => {
    await drivers[i % 2]?.rounds.submit(id, toEvent(message), message);
  });
  await Promise.all(submissions);
  const stored = await job.world.rounds.load(id);
  assert(stored?.round.phase === 'collecting');
  assert.deepEqual(Object.keys(stored.round.contributions).sort(), job.sites.slice(0, 4));
});

test('a record that the log turns down is our fault, not that of the site that sent the message', async () => {
  const job = new SmallJob();
  await job.start();
  const id = await job.id();
  const refusing: RecordLog = { append: () => Promise.reject(new Refusal('MALFORMED', 'no')) };
  const { rounds } = createDrivers({ ...job.newProcess(), log: refusing });
  const [last, ...others] = await Promise.all(job.sites.map((site) => job.owed(site)));
  for (const message of others) await rounds.submit(id, toEvent(message), message);
  assert(last);
  await assert.rejects(rounds.submit(id, toEvent(last), last), (error) => !(error instanceof Refusal));
  // The state is kept with what it owes, so the next process logs it.
  await job.world.drivers.ticker.recover();
  await settleMicrotasks();
  assert.equal(await job.phase(), 'sealed');
  assert.equal(job.world.log.records.at(-1)?.kind, 'round-sealed');
});
