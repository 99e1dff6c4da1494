// Hostile inputs out of valid ones: bytes, JSON, lines and protobuf fields changed where it hurts, and now and then plain noise.
import { concat, utf8, type Bytes } from '@blindsum/proto';
import type { SeededRandom } from '../simulation/seeded-random.ts';
import { mutateJson } from './json-mutations.ts';

export const MAX_INPUT_BYTES = 10_000;

type Mutate = (random: SeededRandom, input: Bytes, other: Bytes) => Bytes;

/** What parsers are known to stumble over. */
const TOKENS = [
  '__proto__',
  'constructor',
  'toString',
  'null',
  '-0',
  '1e999',
  '1e-7',
  '9007199254740993',
  '-1',
  '0x10',
  '\u0000',
  '\ud800',
  '\ufeff',
  '\u202e',
  '\n',
  '\r\n',
  '\t',
  '"',
  "'",
  '\\',
  '\\u0000',
  '{}',
  '[]',
  '{{',
  ']]',
  '../',
  '..%2f',
  '%00',
  '//',
  ':',
  '=',
  '&a *a',
  '!!js/function',
  '<<: *x',
  '---',
  '\u2014 ',
  '+',
  '-----BEGIN CERTIFICATE-----',
].map(utf8);

const INTERESTING = [0x00, 0x01, 0x0a, 0x20, 0x22, 0x2c, 0x5b, 0x7b, 0x7f, 0x80, 0xfe, 0xff];
/** Lengths that overflow something: as varints of protobuf, as fields of two, four and eight bytes. */
const LENGTHS = [
  'ffffffff0f',
  'ffffffffffffffffff01',
  '8080808080808080808001',
  'ffff',
  'ffffffff',
  'ffffffffffffffff',
  '7fffffff',
].map((hex) => new Uint8Array(Buffer.from(hex, 'hex')));

const BYTE_MUTATIONS: readonly Mutate[] = [
  (random, input) => at(random, input, (byte) => byte ^ (1 << random.below(8))),
  (random, input) => at(random, input, () => random.pick(INTERESTING)),
  (random, input) => input.subarray(0, random.below(input.length + 1)),
  (random, input) => input.subarray(random.below(input.length + 1)),
  (random, input) => insert(random, input, random.pick(TOKENS)),
  (random, input) => insert(random, input, noise(random, 1 + random.below(8))),
  (random, input) => overwrite(random, input, random.pick(LENGTHS)),
  (random, input) => insert(random, input, random.pick(LENGTHS)),
  (random, input) => insert(random, input, slice(random, input)),
  (random, input) => remove(random, input),
  (random, input, other) => concat(input.subarray(0, random.below(input.length + 1)), slice(random, other)),
  (random, input) => repeat(random, slice(random, input)),
  mutateLines,
];

/** One hostile input: of at most `MAX_INPUT_BYTES`, unless the seeds are longer. The same random numbers give the same one. */
export function mutate(random: SeededRandom, seeds: readonly Bytes[]): Bytes {
  if (random.chance(0.02) || seeds.length === 0)
    return noise(random, random.below(random.chance(0.1) ? 4096 : 64));
  const seed = random.pick(seeds);
  const most = Math.max(MAX_INPUT_BYTES, seed.length + 64);
  let input = seed;
  const json = random.chance(0.5) ? mutateJson(random, input) : undefined;
  if (json !== undefined) input = json;
  const times = json === undefined ? 1 + random.below(4) : random.below(2);
  for (let i = 0; i < times; i++) input = random.pick(BYTE_MUTATIONS)(random, input, random.pick(seeds));
  return input.subarray(0, most);
}

export function noise(random: SeededRandom, length: number): Bytes {
  return Uint8Array.from({ length }, () => random.below(256));
}

function at(random: SeededRandom, input: Bytes, change: (byte: number) => number): Bytes {
  if (input.length === 0) return input;
  // Not `slice`, which gives a Buffer's own bytes.
  const copy = new Uint8Array(input);
  const place = random.below(copy.length);
  copy[place] = change(copy[place]!);
  return copy;
}

function insert(random: SeededRandom, input: Bytes, what: Bytes): Bytes {
  const place = random.below(input.length + 1);
  return concat(input.subarray(0, place), what, input.subarray(place));
}

function overwrite(random: SeededRandom, input: Bytes, what: Bytes): Bytes {
  const place = random.below(input.length + 1);
  return concat(input.subarray(0, place), what, input.subarray(place + what.length));
}

function slice(random: SeededRandom, input: Bytes): Bytes {
  const from = random.below(input.length + 1);
  return input.subarray(from, from + random.below(Math.min(256, input.length - from) + 1));
}

function remove(random: SeededRandom, input: Bytes): Bytes {
  const from = random.below(input.length + 1);
  return concat(input.subarray(0, from), input.subarray(from + 1 + random.below(16)));
}

function repeat(random: SeededRandom, piece: Bytes): Bytes {
  const most = Math.floor(MAX_INPUT_BYTES / Math.max(1, piece.length));
  return concat(...Array.from({ length: random.below(most + 1) }, () => piece));
}

/** Drops, doubles or swaps lines. */
function mutateLines(random: SeededRandom, input: Bytes): Bytes {
  const lines = Buffer.from(input).toString('latin1').split('\n');
  const [from, to] = [random.below(lines.length), random.below(lines.length)];
  const line = lines[from]!;
  if (random.chance(0.3)) lines.splice(from, 1);
  else if (random.chance(0.5)) lines.splice(to, 0, line);
  else [lines[from], lines[to]] = [lines[to]!, line];
  return new Uint8Array(Buffer.from(lines.join('\n'), 'latin1'));
}
