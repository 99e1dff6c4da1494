import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import test from 'node:test';
import { promisify } from 'node:util';
import { Refusal } from '@blindsum/proto';
import { backendChoice } from './backend-choice.ts';
import { openBackend } from './backend.ts';

const ORDER = ['gpu', 'node', 'wasm', 'cpu'];

test('the environment overrides the configured backend', () => {
  assert.equal(backendChoice('auto', {}), 'auto');
  assert.equal(backendChoice('wasm', { BLINDSUM_BACKEND: '' }), 'wasm');
  assert.equal(backendChoice('auto', { BLINDSUM_BACKEND: 'cpu' }), 'cpu');
});

test('an unknown backend in the environment is refused with the names that exist', () => {
  assert.throws(
    () => backendChoice('auto', { BLINDSUM_BACKEND: 'cuda' }),
    (error) =>
      error instanceof Refusal &&
      error.code === 'CONFIG_INVALID' &&
      error.detail === 'BLINDSUM_BACKEND: expected one of auto, gpu, node, wasm, cpu',
  );
});

test('a backend that was asked for by name is the one that is used', async () => {
  for (const backend of ['wasm', 'cpu'] as const) {
    const info = await openBackend(backend);
    assert.deepEqual(
      { ...info, version: '' },
      {
        backend,
        package: `@tensorflow/tfjs-backend-${backend}`,
        version: '',
        tried: [],
      },
    );
    assert.match(info.version, /^\d+\.\d+\.\d+/);
  }
});

test('auto takes the first backend that works and records what it tried before', async () => {
  const { backend, tried } = await openBackend('auto');
  assert.deepEqual(
    tried.map((step) => step.backend),
    ORDER.slice(0, tried.length),
  );
  assert.ok(tried.every(({ why }) => why.length > 0 && !why.includes('\n')));
  assert.ok(
    { gpu: 'native', node: 'native', wasm: 'wasm', cpu: 'cpu' }[ORDER[tried.length]!]!.startsWith(
      backend.slice(0, 3),
    ),
  );
});

test(
  'a native backend that is asked for by name and not installed is refused, never replaced',
  { skip: hasNative() },
  async () => {
    for (const backend of ['gpu', 'node'] as const) {
      await assert.rejects(
        openBackend(backend),
        (error) =>
          error instanceof Refusal &&
          error.code === 'CONFIG_INVALID' &&
          error.detail.includes(`${backend} (not installed)`),
      );
    }
  },
);

test('choosing a backend writes nothing to the standard output', async () => {
  const program = `
    import { openBackend } from ${JSON.stringify(new URL('./backend.ts', import.meta.url).href)};
    await openBackend('auto');
    await openBackend('cpu');`;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '-e',
    program,
  ]);
  assert.equal(stdout, '');
  assert.doesNotMatch(stderr, /install our node backend/);
});

function hasNative(): boolean {
  const { resolve } = createRequire(import.meta.url);
  return ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'].some((name) => {
    try {
      return resolve(name) !== '';
    } catch {
      return false;
    }
  });
}
