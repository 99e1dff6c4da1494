// Reads a file that was dropped: what it is, and its digests.
import { Refusal, toHex, type Bytes, type RefusalCode } from '@blindsum/proto';
import { toSentence } from './check.ts';
import { parseDropped, roleOf, type Dropped } from './evidence.ts';
import { MODEL_DOMAIN, type ModelFile } from './model-check.ts';

const HEAD_BYTES = 4096;

/** A file after it was read. */
export interface ReadFile {
  readonly name: string;
  readonly bytes: number;
  /** In hexadecimal; empty for a file that the browser could not read. */
  readonly sha256: string;
  readonly dropped?: Dropped;
  /** Of a model. */
  readonly model?: ModelFile;
  /** Why it could not be read. */
  readonly problem?: { readonly code: RefusalCode; readonly detail: string };
}

/** Reads and parses it; what is wrong with it is in the answer. */
export async function readFile(file: File, subtle: SubtleCrypto): Promise<ReadFile> {
  const { name, size } = file;
  const all = await bytesOf(file);
  if (!all) {
    const detail = 'The browser cannot read it: it was moved, or is too large for the memory.';
    return { name, bytes: size, sha256: '', problem: { code: 'UNAVAILABLE', detail } };
  }
  const fileDigest = new Uint8Array(await subtle.digest('SHA-256', all));
  const about = { name, bytes: size, sha256: toHex(fileDigest) };
  const role = roleOf(all.subarray(0, HEAD_BYTES));
  if (role === 'model') {
    const modelDigest = await digestUnder(MODEL_DOMAIN, all, subtle);
    return { ...about, dropped: { role }, model: { name, fileDigest, modelDigest } };
  }
  try {
    return { ...about, dropped: parseDropped(role, all) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ...about, problem: { code: error.code, detail: toSentence(error.detail) } };
  }
}

async function digestUnder(domain: Bytes, bytes: Uint8Array, subtle: SubtleCrypto): Promise<Uint8Array> {
  const whole = new Uint8Array(domain.length + bytes.length);
  whole.set(domain);
  whole.set(bytes, domain.length);
  return new Uint8Array(await subtle.digest('SHA-256', whole));
}

async function bytesOf(file: File): Promise<Uint8Array<ArrayBuffer> | undefined> {
  // The browser says why in words of its own, which help nobody here.
  return file.arrayBuffer().then(
    (buffer) => new Uint8Array(buffer),
    () => undefined,
  );
}
