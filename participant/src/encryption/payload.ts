// What a site encrypts (PROTOCOL.md section 6): header integers, and in a training round the quantised update.
import { randomFillSync } from 'node:crypto';
import { quantize } from '@blindsum/proto';

export interface QuantisedTensor {
  /** Place and number of its values in the flat update. */
  readonly offset: number;
  readonly size: number;
  /** Weighted values are quantised in ±2^rangeExponent. */
  readonly rangeExponent: number;
}

export interface FlatUpdate {
  /** local - global in the layout's order, already clipped to the manifest's norm. */
  readonly values: Float32Array;
  /** The site's weight, 0 < weight <= 1. */
  readonly weight: number;
  /** Cover `values` exactly, in order. */
  readonly tensors: readonly QuantisedTensor[];
  /** Place in the header of the first tensor's count of clipped values; those of the other tensors follow. */
  readonly firstClipField: number;
}

export interface PlainPayload {
  /** One non-negative integer per header field, in the layout's order; counts of clipped values are filled in. */
  readonly header: readonly number[];
  /** Absent in rounds that carry a header only. */
  readonly update?: FlatUpdate;
}

export interface QuantisedPayload {
  readonly header: readonly number[];
  /** Biased integers, each < 2^bits. */
  readonly biased: Uint32Array;
}

/** Values quantised at a time: bounds the memory for random bytes. */
const SLICE_VALUES = 1 << 16;
const RANDOM_BYTES_PER_VALUE = 2;

/** Quantises the update at `bits` bits with fresh randomness and enters the clip counts; RangeError for values that are not finite. */
export function quantisePayload({ header, update }: PlainPayload, bits: number): QuantisedPayload {
  if (update === undefined) return { header, biased: new Uint32Array(0) };
  const biased = new Uint32Array(update.values.length);
  const filled = [...header];
  update.tensors.forEach((tensor, i) => {
    filled[update.firstClipField + i] = quantiseTensor(update, tensor, { bits, out: biased });
  });
  return { header: filled, biased };
}

function quantiseTensor(
  { values, weight }: FlatUpdate,
  { offset, size, rangeExponent }: QuantisedTensor,
  target: { readonly bits: number; readonly out: Uint32Array },
): number {
  const random = new Uint8Array(RANDOM_BYTES_PER_VALUE * Math.min(size, SLICE_VALUES));
  let clipped = 0;
  for (let start = offset; start < offset + size; start += SLICE_VALUES) {
    const slice = values.subarray(start, Math.min(start + SLICE_VALUES, offset + size));
    randomFillSync(random);
    clipped += quantize({ ...target, values: slice, weight, rangeExponent, random, offset: start });
  }
  random.fill(0);
  return clipped;
}
