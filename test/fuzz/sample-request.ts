// A request of a method as its types allow it, with values that are nearly right.
import {
  create,
  ScalarType,
  toBinary,
  type DescField,
  type DescMessage,
  type Message,
} from '@bufbuild/protobuf';
import type { Bytes } from '@blindsum/proto';
import type { SeededRandom } from '../simulation/seeded-random.ts';
import { noise } from './mutations.ts';

/** What fields of each kind hold, most of the time. */
export interface Values {
  readonly texts: readonly string[];
  readonly bytes: readonly Bytes[];
}

const NUMBERS = [0, 1, 2, 3, 7, 1000, 0x7fffffff, 0xffffffff];
const MAX_DEPTH = 4;

/** The wire form of a message of this type. */
export function sampleRequest(random: SeededRandom, type: DescMessage, values: Values): Bytes {
  return toBinary(type, sample(random, type, values, 0));
}

function sample(random: SeededRandom, type: DescMessage, values: Values, depth: number): Message {
  const content: Record<string, unknown> = {};
  for (const field of type.fields) {
    if (random.chance(0.1) || depth > MAX_DEPTH) continue;
    const value = sampleField(random, field, values, depth);
    if (value === undefined) continue;
    if (field.oneof) content[field.oneof.localName] = { case: field.localName, value };
    else content[field.localName] = value;
  }
  return create(type, content as never);
}

function sampleField(random: SeededRandom, field: DescField, values: Values, depth: number): unknown {
  const one = (): unknown => {
    if (field.fieldKind === 'enum' || field.enum) return random.below(6);
    if (field.message) return sample(random, field.message, values, depth + 1);
    return field.fieldKind === 'map' ? undefined : sampleScalar(random, field, values);
  };
  if (field.fieldKind === 'list') return Array.from({ length: random.below(4) }, one);
  return one();
}

function sampleScalar(random: SeededRandom, { scalar }: DescField, { texts, bytes }: Values): unknown {
  switch (scalar) {
    case ScalarType.STRING:
      return random.pick(texts);
    case ScalarType.BYTES:
      return random.chance(0.8) ? random.pick(bytes) : noise(random, random.below(80));
    case ScalarType.BOOL:
      return random.chance(0.5);
    case ScalarType.UINT64:
      return BigInt(random.pick(NUMBERS));
    default:
      return random.pick(NUMBERS);
  }
}
