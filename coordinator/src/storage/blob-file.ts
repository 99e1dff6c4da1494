// The layout of a blob's file: one page that says how many bytes were appended, then the bytes. The count is written after the
// bytes are on disk: a crash in the middle of an append leaves bytes that the count does not cover, and the next append
// overwrites them.
import type { FileHandle } from 'node:fs/promises';
import { refuseUnless, type Bytes } from '@blindsum/proto';
import { isDiskFull } from '../disk/full-disk.ts';

/** A whole page, so that the bytes are page-aligned. */
export const HEADER_BYTES = 4096;
/** 'bs-blob1', then the count: both as 64-bit little-endian words, which no disk writes halfway. */
const MAGIC = 0x31_62_6f_6c_62_2d_73_62n;
const COUNT_OFFSET = 8;

/** How many bytes were appended. Throws if the file is not a blob's, or holds fewer: then the disk has lost data. */
export async function readCount(file: FileHandle): Promise<number> {
  const header = new DataView(new ArrayBuffer(2 * COUNT_OFFSET));
  // The count first: the file only grows, also under a writer.
  const { bytesRead } = await file.read(header, 0, header.byteLength, 0);
  // The first append had not reached the disk.
  if (bytesRead < header.byteLength || header.getBigUint64(0, true) === 0n) return 0;
  if (header.getBigUint64(0, true) !== MAGIC) throw new Error('a file in the place of a blob is none');
  const count = Number(header.getBigUint64(COUNT_OFFSET, true));
  const { size } = await file.stat();
  if (size < HEADER_BYTES + count) {
    throw new Error(`a blob of ${count} bytes has a file of ${size}: the disk has lost data`);
  }
  return count;
}

/** Appends at `offset` and returns when the bytes and their count are on disk. Refuses PART_OUT_OF_ORDER unless `offset` is the count. On a full disk it fails and leaves the bytes that there were. */
export async function appendBytes(file: FileHandle, offset: number, bytes: Bytes): Promise<void> {
  const count = await readCount(file);
  refuseUnless(count === offset, 'PART_OUT_OF_ORDER', `offset ${offset} of a blob of ${count} bytes`);
  if (bytes.length === 0) return;
  try {
    await writeFully(file, bytes, HEADER_BYTES + offset);
    await file.datasync();
    await writeFully(file, encodeHeader(offset + bytes.length), 0);
    await file.datasync();
  } catch (error) {
    // What part of it is on disk is not known, and a full disk needs every byte.
    if (isDiskFull(error)) await takeBack(file, offset);
    throw error;
  }
}

/** Leaves the blob with the `count` bytes that it had. Needs no room: the header is overwritten in place. */
async function takeBack(file: FileHandle, count: number): Promise<void> {
  if (count > 0) await writeFully(file, encodeHeader(count), 0);
  await file.truncate(count === 0 ? 0 : HEADER_BYTES + count);
  await file.datasync();
}

/** The `length` bytes from `offset`, or undefined if there are fewer. */
export async function readBytes(
  file: FileHandle,
  offset: number,
  length: number,
): Promise<Bytes | undefined> {
  // Not allocated before it is known that the bytes are there.
  if (!(await holds(file, offset, length))) return undefined;
  const bytes = new Uint8Array(length);
  await readFully(file, bytes, HEADER_BYTES + offset);
  return bytes;
}

/** Fills `target` with the bytes from `offset`; false if there are fewer. */
export async function readBytesInto(file: FileHandle, offset: number, target: Bytes): Promise<boolean> {
  if (!(await holds(file, offset, target.length))) return false;
  await readFully(file, target, HEADER_BYTES + offset);
  return true;
}

async function holds(file: FileHandle, offset: number, length: number): Promise<boolean> {
  return offset >= 0 && length >= 0 && offset + length <= (await readCount(file));
}

async function readFully(file: FileHandle, target: Bytes, position: number): Promise<void> {
  for (let filled = 0; filled < target.length;) {
    const { bytesRead } = await file.read(target, filled, target.length - filled, position + filled);
    if (bytesRead === 0)
      throw new Error(`a blob's file ended at ${position + filled}: the disk has lost data`);
    filled += bytesRead;
  }
}

function encodeHeader(count: number): Bytes {
  const header = new DataView(new ArrayBuffer(2 * COUNT_OFFSET));
  header.setBigUint64(0, MAGIC, true);
  header.setBigUint64(COUNT_OFFSET, BigInt(count), true);
  return new Uint8Array(header.buffer);
}

async function writeFully(file: FileHandle, bytes: Bytes, position: number): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written);
    written += bytesWritten;
  }
}
