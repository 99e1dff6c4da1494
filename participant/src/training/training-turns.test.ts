import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TrainRequest, TrainResult, Trainer } from './trainer.ts';
import { TrainingTurns } from './training-turns.ts';

const RESULT: TrainResult = {
  local: new Float32Array(0),
  examples: 0,
  steps: 0,
  lossPerEpoch: [],
  backend: 'cpu',
};

function fakeTrainer(train: Trainer['train']): Trainer {
  return {
    info: () => ({ backend: 'cpu', package: 'test', version: '0', tried: [] }),
    train,
    evaluate: async () => ({}) as never,
    predict: async () => new Float32Array(0),
    close: async () => undefined,
  };
}

const request = (signal?: AbortSignal) =>
  ({
    weights: new Float32Array(0),
    epochs: 1,
    batchSize: 1,
    optimizer: { kind: 'sgd', learningRate: 1 },
    seed: 0,
    ...(signal && { signal }),
  }) satisfies TrainRequest;

test('trainings of several trainers run one after another, in order, also after one that fails', async () => {
  const turns = new TrainingTurns();
  const seen: string[] = [];
  const trainer = (name: string, fails = false) =>
    turns.wrap(
      fakeTrainer(async () => {
        seen.push(`${name} begins`);
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(`${name} ends`);
        if (fails) throw new Error('diverges');
        return RESULT;
      }),
    );
  const trainings = [
    trainer('a').train(request()),
    trainer('b', true).train(request()),
    trainer('c').train(request()),
  ];
  assert.equal(turns.open, 3);
  await trainings[0];
  assert.equal(turns.open, 2);
  const results = await Promise.allSettled(trainings);
  assert.equal(turns.open, 0);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  assert.deepEqual(
    seen,
    ['a', 'b', 'c'].flatMap((name) => [`${name} begins`, `${name} ends`]),
  );
});

test('a training that is aborted while it waits gives up its turn, and those after it keep the order', async () => {
  const turns = new TrainingTurns();
  const first = Promise.withResolvers<TrainResult>();
  const seen: string[] = [];
  const waiting = turns.wrap(fakeTrainer(() => first.promise)).train(request());
  const stop = new AbortController();
  const aborted = turns
    .wrap(fakeTrainer(async () => assert.fail('it was aborted')))
    .train(request(stop.signal));
  const last = turns
    .wrap(
      fakeTrainer(async () => {
        seen.push('last');
        return RESULT;
      }),
    )
    .train(request());
  const reason = new Error('too late');
  stop.abort(reason);
  await assert.rejects(aborted, reason);
  assert.deepEqual(seen, []);
  first.resolve(RESULT);
  await Promise.all([waiting, last]);
  assert.deepEqual(seen, ['last']);
});
