// JSON whose structure is kept but for one place, so that what lies behind the syntax is reached too.
import { encodeCanonicalJson, utf8, type Bytes, type CanonicalValue } from '@blindsum/proto';
import type { SeededRandom } from '../simulation/seeded-random.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const VALUES: readonly Json[] = [
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 31,
  2 ** 53,
  -(2 ** 53),
  1e308,
  '',
  'x',
  '0',
  '-0',
  '__proto__',
  '\u0000',
  '\ud800',
  '../x',
  [],
  {},
  'a'.repeat(4000),
  '9'.repeat(400),
  [[[[]]]],
  { constructor: 1 },
  Array.from({ length: 300 }, () => 'hospital-a'),
];

/** The text with one place of its value changed; undefined if it is no JSON. */
export function mutateJson(random: SeededRandom, input: Bytes): Bytes | undefined {
  const text = Buffer.from(input).toString('utf8');
  if (!/^\s*[[{]/.test(text)) return undefined;
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
  if (random.chance(0.05)) return utf8(nest(random, text));
  if (random.chance(0.05))
    return utf8(text.replace('{', `{"${random.pick(['__proto__', 'constructor', 'prototype'])}":{"x":1},`));
  return utf8(encode(random, change(random, value, 0)));
}

function change(random: SeededRandom, value: Json, depth: number): Json {
  const isLeaf = value === null || typeof value !== 'object' || Object.keys(value).length === 0;
  if (isLeaf || (depth > 0 && random.chance(0.15))) return replacement(random, value);
  if (Array.isArray(value)) return changeArray(random, value, depth);
  const keys = Object.keys(value);
  const key = random.pick(keys);
  const copy = { ...value };
  if (random.chance(0.1)) delete copy[key];
  else if (random.chance(0.1))
    copy[random.pick(['x', 'type', 'toString', '', 'format'])] = random.pick(VALUES);
  else copy[key] = change(random, value[key]!, depth + 1);
  return copy;
}

function changeArray(random: SeededRandom, value: Json[], depth: number): Json[] {
  const place = random.below(value.length);
  const copy = [...value];
  if (random.chance(0.2)) copy.splice(place, 1);
  else if (random.chance(0.2)) copy.splice(place, 0, value[random.below(value.length)]!);
  else copy[place] = change(random, value[place]!, depth + 1);
  return copy;
}

function replacement(random: SeededRandom, value: Json): Json {
  if (typeof value === 'number' && random.chance(0.5)) return value + random.pick([1, -1, 0.5, 1e6]);
  if (typeof value === 'string' && random.chance(0.5)) return mutateText(random, value);
  return structuredClone(random.pick(VALUES));
}

function mutateText(random: SeededRandom, text: string): string {
  const place = random.below(text.length + 1);
  return (
    text.slice(0, place) +
    random.pick(['', 'A', '-', ' ', '\u00e9', '\u0000', '=', text]) +
    text.slice(place + random.below(2))
  );
}

/** As it is signed, if it can be; otherwise as anybody would write it. */
function encode(random: SeededRandom, value: Json): string {
  if (random.chance(0.1)) return JSON.stringify(value, null, random.below(3));
  try {
    return encodeCanonicalJson(value as CanonicalValue);
  } catch {
    return JSON.stringify(value);
  }
}

function nest(random: SeededRandom, text: string): string {
  const depth = 1 + random.below(4000);
  const [open, close] = random.pick([
    ['[', ']'],
    ['{"a":', '}'],
  ] as const);
  return (open.repeat(depth) + text + close.repeat(random.chance(0.8) ? depth : 0)).slice(0, 30_000);
}
