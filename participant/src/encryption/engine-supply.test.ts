import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineSupply } from './engine-supply.ts';

test('an engine made ahead is handed out once', async () => {
  const supply = new EngineSupply();
  const first = await supply.take(50);
  await Promise.all([supply.prepare(), supply.prepare()]);
  const second = await supply.take(50);
  const third = await supply.take(50);
  assert.equal(new Set([first, second, third]).size, 3);
  for (const engine of [first, second, third]) engine.destroy();
});

test('the keys of two engines differ, also when the second was made ahead', async () => {
  const supply = new EngineSupply();
  const keys: string[] = [];
  for (let i = 0; i < 3; i++) {
    const engine = await supply.take(50);
    await supply.prepare();
    keys.push(engine.generateOneTimeKey(new BigUint64Array(4096)).nttForm.join());
    engine.destroy();
  }
  assert.equal(new Set(keys).size, keys.length);
});

test('an engine of another width is not handed out', async () => {
  const supply = new EngineSupply();
  (await supply.take(50)).destroy();
  await supply.prepare();
  const engine = await supply.take(46);
  const key = engine.generateOneTimeKey(new BigUint64Array(4096));
  const [c0, own] = [new BigUint64Array(4096), new BigUint64Array(4096)];
  assert.throws(
    () => engine.encryptChunk(key, new BigUint64Array(4096).fill(2n ** 46n), { c0, own }),
    RangeError,
  );
  engine.destroy();
});
