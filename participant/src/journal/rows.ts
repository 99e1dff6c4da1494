// Columns of a row, each of the type that the schema says: anything else is a bug, or a damaged file.
import type { SQLOutputValue } from 'node:sqlite';
import type { Bytes, Digest, SignedMessage } from '@blindsum/proto';

export type Row = Record<string, SQLOutputValue>;

/** Columns `payload` and `signature`. */
export function messageOf(row: Row): SignedMessage {
  return { payload: bytesOf(row, 'payload'), signature: bytesOf(row, 'signature') };
}

export function digestOf(row: Row, column: string): Digest {
  return textOf(row, column) as Digest;
}

export function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new TypeError(`journal: ${column} is not text`);
  return value;
}

export function numberOf(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw new TypeError(`journal: ${column} is not a number`);
  return value;
}

export function bytesOf(row: Row, column: string): Bytes {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw new TypeError(`journal: ${column} is not bytes`);
  return value;
}
