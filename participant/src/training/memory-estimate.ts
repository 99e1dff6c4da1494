// Training memory, estimated before anything is allocated.
import { refuseUnless, type ModelLayout } from '@blindsum/proto';
import type { BackendInfo, Optimizer } from './trainer.ts';

// Past about 4.2 GB the WebAssembly heap does not fail: it overwrites earlier tensors. This stays well below.
const WASM_LIMIT_BYTES = 2.5e9;
const OPTIMIZER_COPIES: Record<Optimizer['kind'], number> = { sgd: 0, momentum: 1, adam: 2 };

interface TrainingSize {
  readonly batchSize: number;
  readonly optimizer: Optimizer;
  readonly proximalMu?: number;
}

/** Bytes of weights, gradients, optimizer state, anchor and temporary copies, and of a batch's activations and gradients. */
export function estimateBytes(
  { tensors, parameterCount, inputWidth }: ModelLayout,
  size: TrainingSize,
): number {
  const copies = 4 + OPTIMIZER_COPIES[size.optimizer.kind] + (size.proximalMu ? 1 : 0);
  const units = tensors.reduce((sum, { shape }) => sum + (shape.length === 1 ? shape[0]! : 0), inputWidth);
  return 4 * (copies * parameterCount + 4 * size.batchSize * units);
}

/** Refuses MANIFEST_INVALID for a job that WebAssembly's memory cannot hold safely. */
export function refuseBeyondMemory(
  layout: ModelLayout,
  size: TrainingSize,
  backend: BackendInfo['backend'],
): void {
  const gigabytes = (estimateBytes(layout, size) / 1e9).toFixed(1);
  const fits = backend !== 'wasm' || estimateBytes(layout, size) <= WASM_LIMIT_BYTES;
  const detail = `training needs about ${gigabytes} GB, more than the wasm backend holds; use a native backend`;
  refuseUnless(fits, 'MANIFEST_INVALID', detail);
}
