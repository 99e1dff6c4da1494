// Chooses what TensorFlow.js computes on: native with a GPU, native, WebAssembly, plain JavaScript, in that order. What was
// tried and why it was not taken is kept for the site's record. Native is not always faster: on tiny tabular models each
// operation's call costs more than its arithmetic, so the choice can be configured.
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
// Registers the gradients of the operations; the core alone has none.
import '@tensorflow/tfjs-layers';
import { Refusal } from '@blindsum/proto';
import type { BackendChoice, BackendInfo } from './trainer.ts';

type Tried = BackendInfo['tried'][number];
type Started = Pick<BackendInfo, 'backend' | 'package' | 'version'>;
type Candidate = Exclude<BackendChoice, 'auto'>;

const ORDER: readonly Candidate[] = ['gpu', 'node', 'wasm', 'cpu'];

const START: Record<Candidate, (choice: BackendChoice) => Promise<Started>> = {
  gpu: (choice) => startNative('@tensorflow/tfjs-node-gpu', choice === 'gpu'),
  node: () => startNative('@tensorflow/tfjs-node', false),
  wasm: startWasm,
  cpu: startCpu,
};

/**
 * Starts the backend for this thread and proves it by a small product. Refuses CONFIG_INVALID when a backend was asked for
 * by name and does not work here. Writes nothing to the standard output.
 */
export async function openBackend(choice: BackendChoice): Promise<BackendInfo> {
  // TensorFlow.js advertises its native package at first use otherwise.
  tf.enableProdMode();
  const tried: Tried[] = [];
  for (const backend of choice === 'auto' ? ORDER : [choice]) {
    try {
      const started = await START[backend](choice);
      await probe();
      return { ...started, tried };
    } catch (error) {
      tried.push({ backend, why: firstLine(error) });
    }
  }
  const reasons = tried.map(({ backend, why }) => `${backend} (${why})`).join(', ');
  throw new Refusal(
    'CONFIG_INVALID',
    `training backend not available: ${reasons}; choose another, or "auto"`,
  );
}

/** Loads an optional native package: any failure means that it is not there. Both native packages register one backend. */
async function startNative(specifier: string, mustHaveGpu: boolean): Promise<Started> {
  await restoreRemovedFunctions();
  await quietly(() => import(specifier));
  await activate('tensorflow');
  const native = tf.backend() as unknown as { isUsingGpuDevice?: boolean; binding?: { TF_Version?: string } };
  const hasGpu = native.isUsingGpuDevice === true;
  if (mustHaveGpu && !hasGpu) throw new Error('the package works, but libtensorflow finds no GPU');
  return {
    backend: hasGpu ? 'native-gpu' : 'native-cpu',
    package: specifier,
    version: `${tf.version_core} / ${native.binding?.TF_Version ?? 'unknown'}`,
  };
}

async function startWasm(): Promise<Started> {
  const specifier = '@tensorflow/tfjs-backend-wasm';
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(dirname(createRequire(import.meta.url).resolve(specifier)) + sep);
  await activate('wasm');
  return { backend: 'wasm', package: specifier, version: tf.version_core };
}

async function startCpu(): Promise<Started> {
  await import('@tensorflow/tfjs-backend-cpu');
  await activate('cpu');
  return { backend: 'cpu', package: '@tensorflow/tfjs-backend-cpu', version: tf.version_core };
}

async function activate(name: string): Promise<void> {
  if (!(await tf.setBackend(name))) throw new Error('the backend did not start');
  await tf.ready();
}

async function probe(): Promise<void> {
  const ones = tf.ones([3, 3]);
  const product = tf.matMul(ones, ones);
  const values = await product.data();
  tf.dispose([ones, product]);
  if (values.length !== 9 || values.some((value) => value !== 3))
    throw new Error('a product of ones came out wrong');
}

// tfjs-node 4.22 calls two functions that Node 23 removed.
async function restoreRemovedFunctions(): Promise<void> {
  const util = (await import('node:util')).default as unknown as Record<string, unknown>;
  util['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  util['isArray'] ??= Array.isArray;
}

/** Both native packages register the same kernels, and warn about each one that is there already. */
async function quietly<T>(load: () => Promise<T>): Promise<T> {
  const { warn, log } = console;
  const ignore = () => undefined;
  Object.assign(console, { warn: ignore, log: ignore });
  try {
    return await load();
  } finally {
    Object.assign(console, { warn, log });
  }
}

function firstLine(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ERR_MODULE_NOT_FOUND') return 'not installed';
  return String(message).split('\n')[0]!.slice(0, 120);
}
