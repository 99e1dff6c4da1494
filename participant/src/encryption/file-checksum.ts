// The linear checksum of a ciphertext file (PROTOCOL.md section 5, "checksum"): of one's own contribution, of another's as
// its proxy, or of the sum that the contributions must add up to.
import {
  checksumKeys,
  createChecksum,
  createWasmKernel,
  encodeChecksumValue,
  toDigestBytes,
  type Digest,
} from '@blindsum/proto';
import { nodeKeyStream } from '@blindsum/proto/node';
import type { OnProgress } from './chunk-progress.ts';
import { chunksOf, PART_COEFFICIENTS, readParts, type CiphertextFile } from './ciphertext-file.ts';

export interface ChecksumTask {
  readonly context: Digest;
  readonly setRoot: Digest;
  readonly sumRoot: Digest;
  readonly file: CiphertextFile;
}

/** One value < q for each repetition, as 16 hexadecimal digits. */
export type ChecksumValues = [string, string];

/** Refuses PART_BAD_LENGTH, PART_OUT_OF_RANGE or ROOT_MISMATCH for another file than the one that was signed. */
export function fileChecksum(task: ChecksumTask, onProgress: OnProgress): ChecksumValues {
  const { context, setRoot, sumRoot, file } = task;
  const kernel = createWasmKernel();
  const subject = {
    context: toDigestBytes(context),
    setRoot: toDigestBytes(setRoot),
    sumRoot: toDigestBytes(sumRoot),
  };
  const checksum = createChecksum(kernel, nodeKeyStream, checksumKeys(subject));
  for (const { firstChunk, coefficients } of readParts(file, kernel.allocate(PART_COEFFICIENTS))) {
    const chunks = chunksOf(coefficients);
    for (const [i, chunk] of chunks.entries()) checksum.addChunk(firstChunk + i, chunk);
    onProgress({ done: firstChunk + chunks.length, chunks: file.chunks });
  }
  const [first, second] = checksum.values().map(encodeChecksumValue);
  return [first!, second!];
}
