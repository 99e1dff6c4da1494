// The fuzzer finds what was planted.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '@blindsum/proto';
import { textTarget } from './fuzz-target.ts';
import { describeFinding, fuzz, inputOf } from './fuzz-run.ts';

const SEEDS = ['{"site":"hospital-a","round":1}'];
const planted = (name: string, parse: (text: string) => unknown) => textTarget(name, SEEDS, parse);

const findingsOf = async (target: ReturnType<typeof planted>) =>
  (await fuzz(target, 'planted', { from: 0, to: 2000 })).findings;

test('an error that is no refusal is found, and its input can be made again', async () => {
  const target = planted('planted-error', (text) => {
    const value = JSON.parse(text.startsWith('{') && text.endsWith('}') ? text : '{}') as { site?: string };
    return value.site?.toString().length;
  });
  const [finding] = await findingsOf(target);
  assert.match(finding!.what, /threw (SyntaxError|TypeError)/);
  assert.deepEqual(inputOf(target, 'planted', finding!.index), finding!.input);
  assert.match(describeFinding(finding!), /--only planted-error --seed planted --at [0-9]+/);
});

test('a refusal is no finding, in whatever way it comes', async () => {
  const refuse = () => {
    throw new Refusal('MALFORMED', 'x');
  };
  assert.deepEqual(await findingsOf(planted('planted-refusal', refuse)), []);
  assert.deepEqual(await findingsOf(planted('planted-later-refusal', async () => refuse())), []);
});

test('a path that is slow is found', async () => {
  const spin = () => {
    const start = process.cpuUsage();
    while (process.cpuUsage(start).user < 150_000);
  };
  const [finding] = (await fuzz(planted('planted-slow-path', spin), 'planted', { from: 0, to: 1 })).findings;
  assert.match(finding!.what, /ms of processor time/);
});

test('memory out of proportion is found', async () => {
  const allocate = (text: string) => new Uint8Array(text.length > 0 ? 200 << 20 : 0).fill(1);
  const [finding] = (await fuzz(planted('planted-memory', allocate), 'planted', { from: 0, to: 1 })).findings;
  assert.match(finding!.what, /allocated [0-9]{9}/);
});

test('a detail that would flood a log is found', async () => {
  const echo = (text: string) => {
    throw new Refusal('MALFORMED', text.repeat(1000));
  };
  const [finding] = await findingsOf(planted('planted-echo', echo));
  assert.match(finding!.what, /a detail of [0-9]+ characters/);
});
