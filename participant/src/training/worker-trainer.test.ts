import assert from 'node:assert/strict';
import test from 'node:test';
import { Worker } from 'node:worker_threads';
import { Refusal } from '@blindsum/proto';
import { TfjsTrainer } from './tfjs-trainer.ts';
import { separable, toySetup, toyWeights } from './toy-data.fixture.ts';
import type { TrainProgress, TrainRequest } from './trainer.ts';
import { openTrainerIn, openWorkerTrainer } from './worker-trainer.ts';

const SETUP = toySetup('cpu');

const REQUEST: TrainRequest = {
  weights: toyWeights(SETUP),
  epochs: 3,
  batchSize: 16,
  optimizer: { kind: 'sgd', learningRate: 0.1 },
  seed: 7,
};

test('a worker gives what the same trainer gives in this thread, and keeps the caller its weights', async () => {
  const here = await TfjsTrainer.open(SETUP);
  const expected = here.train(REQUEST, { onProgress: () => undefined, isCancelled: () => false });
  const trainer = await openWorkerTrainer(SETUP);
  try {
    const told: TrainProgress[] = [];
    const result = await trainer.train({ ...REQUEST, onProgress: (progress) => told.push(progress) });
    assert.deepEqual(result, expected);
    assert.deepEqual(
      told.map(({ loss }) => loss),
      result.lossPerEpoch,
    );
    assert.equal(REQUEST.weights.length, SETUP.layout.parameterCount);
    assert.deepEqual(await trainer.evaluate(result.local, 32), here.evaluate(result.local, 32));
    assert.deepEqual(await trainer.predict(result.local), here.predict(result.local));
    assert.equal(trainer.info().backend, 'cpu');
  } finally {
    await trainer.close();
    here.dispose();
  }
});

test('an aborted training stops in the middle, says why, and leaves the trainer usable', async () => {
  const trainer = await openWorkerTrainer(SETUP);
  try {
    const abort = new AbortController();
    const reason = new Error('the round is over');
    let epochs = 0;
    const onProgress = () => {
      epochs++;
      abort.abort(reason);
    };
    const endless = { ...REQUEST, epochs: 1_000_000, signal: abort.signal, onProgress };
    await assert.rejects(trainer.train(endless), reason);
    assert.ok(epochs >= 1);
    await assert.rejects(trainer.train({ ...REQUEST, signal: abort.signal }), reason);
    assert.equal((await trainer.train(REQUEST)).steps, 3 * 7);
  } finally {
    await trainer.close();
  }
});

test('a refusal keeps its code across the border of the thread', async () => {
  const trainer = await openWorkerTrainer(SETUP);
  try {
    const weights = new Float32Array(3);
    await assert.rejects(
      trainer.train({ ...REQUEST, weights }),
      (error) =>
        error instanceof Refusal && error.code === 'MODEL_MISMATCH' && error.detail.includes('are 3 numbers'),
    );
  } finally {
    await trainer.close();
  }
});

test('a trainer that cannot open is refused and leaves no thread', async () => {
  const training = { ...separable(4, 1), width: 5 };
  await assert.rejects(
    openWorkerTrainer({ ...SETUP, training }),
    (error) => error instanceof Refusal && error.code === 'MODEL_MISMATCH',
  );
});

test('a worker that dies while it starts is reported', async () => {
  await assert.rejects(
    openTrainerIn(inWorker('throw new Error("boom")')),
    /the training worker crashed: boom/,
  );
  await assert.rejects(openTrainerIn(inWorker('process.exit(3)')), /the training worker ended with code 3/);
});

test('a worker that dies during a call fails that call and every later one', async () => {
  const trainer = await openTrainerIn(
    inWorker(`
      const { parentPort } = require('node:worker_threads');
      parentPort.on('message', () => { throw new Error('out of memory'); });
      parentPort.postMessage({ kind: 'opened', info: { backend: 'cpu', package: '', version: '', tried: [] } });`),
  );
  await assert.rejects(trainer.train(REQUEST), /the training worker crashed: out of memory/);
  await assert.rejects(trainer.evaluate(REQUEST.weights, 8), /the training worker crashed: out of memory/);
  await trainer.close();
});

test('closing a trainer fails what is still running', async () => {
  const trainer = await openWorkerTrainer(SETUP);
  const running = assert.rejects(trainer.train({ ...REQUEST, epochs: 1_000_000 }), /the trainer is closed/);
  await trainer.close();
  await running;
  await assert.rejects(trainer.predict(REQUEST.weights), /the trainer is closed/);
});

function inWorker(program: string): Worker {
  return new Worker(program, { eval: true, stdout: true });
}
