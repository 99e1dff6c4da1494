// From a payload to a ciphertext file and a bundle of sealed key shares (PROTOCOL.md sections 3 and 4). Memory is bounded by
// the payload and one part, not by the ciphertext.
import { createWasmKernel, encodePart, N, packingLayout, type Digest } from '@blindsum/proto';
import type { OnProgress } from './chunk-progress.ts';
import { createPartHasher } from './ciphertext-file.ts';
import { createDurableFile, type DurableFile } from './durable-file.ts';
import { dealShares, type SharingRoster } from './key-shares.ts';
import { PayloadEncryption } from './payload-encryption.ts';
import { quantisePayload, type PlainPayload } from './payload.ts';
import type { EngineSource } from './engine-supply.ts';
import { createSealEngine } from './seal-engine.ts';

export interface EncryptionTask extends SharingRoster {
  /** Of the round and attempt: no two tasks may have the same one, or the two updates could be told from each other. */
  readonly context: Digest;
  /** Width of a packed value. */
  readonly bits: number;
  /** Most contributions that are ever added. */
  readonly capacity: number;
  /** T of the round. */
  readonly threshold: number;
  readonly payload: PlainPayload;
  /** Where the ciphertext and the sealed shares go; what is there is replaced. */
  readonly files: { readonly ciphertext: string; readonly shares: string };
}

/** What the site commits to. */
export interface EncryptedUpdate {
  readonly ciphertextRoot: Digest;
  readonly chunks: number;
  readonly shareRoot: Digest;
}

/**
 * Encrypts a payload under a fresh key, deals the key's shares and destroys it. Both files are on disk when this returns; a
 * task that fails leaves no key behind, and no file without the other but for a crash between the two.
 */
export async function encryptUpdate(
  task: EncryptionTask,
  onProgress: OnProgress,
  engines: EngineSource = createSealEngine,
): Promise<EncryptedUpdate> {
  const layout = packingLayout({ bits: task.bits, sites: task.capacity });
  const payload = quantisePayload(task.payload, task.bits);
  const engine = await engines(layout.plainBits);
  const ciphertext = createDurableFile(task.files.ciphertext);
  const shares = createDurableFile(task.files.shares);
  try {
    const kernel = createWasmKernel();
    const key = engine.generateOneTimeKey(kernel.allocate(N));
    const encryption = new PayloadEncryption({ engine, kernel, key, layout, payload, context: task.context });
    const ciphertextRoot = writeParts(encryption, ciphertext, onProgress);
    const bundle = dealShares(key.coefficients, { ...task, ciphertextRoot });
    key.destroy();
    shares.write(bundle.bytes);
    ciphertext.commit();
    shares.commit();
    return { ciphertextRoot, chunks: encryption.chunks, shareRoot: bundle.root };
  } finally {
    ciphertext.abandon();
    shares.abandon();
    payload.biased.fill(0);
    engine.destroy();
  }
}

function writeParts(encryption: PayloadEncryption, file: DurableFile, onProgress: OnProgress): Digest {
  const hasher = createPartHasher();
  let done = 0;
  try {
    for (const part of encryption.ciphertextParts()) {
      hasher.add(part);
      file.write(encodePart(part));
      done += part.length / N;
      onProgress({ done, chunks: encryption.chunks });
    }
  } finally {
    encryption.erase();
  }
  return hasher.root();
}
