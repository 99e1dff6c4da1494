// One parser under test, with valid inputs to start from.
import { utf8, type Bytes } from '@blindsum/proto';

export interface FuzzTarget {
  readonly name: string;
  /** Valid inputs: mutations start from them. */
  readonly seeds: readonly Bytes[];
  /** Reads hostile bytes: returns, or refuses. Anything else is a finding. */
  readonly parse: (input: Bytes) => unknown;
  /** Share of the inputs that this target gets, 1 unless given: less for one that is slow by nature, such as writing a file. */
  readonly weight?: number;
  /** Processor time that an input may take, in milliseconds; 100 unless given. */
  readonly maxCpuMs?: number;
  /** False for what answers hostile text with undefined. */
  readonly refuses?: boolean;
}

/** A target that reads bytes. */
export function bytesTarget(
  name: string,
  seeds: readonly Bytes[],
  parse: (input: Bytes) => unknown,
  weight = 1,
): FuzzTarget {
  return { name, seeds: seeds.map((seed) => new Uint8Array(seed)), parse, weight };
}

/** A target that reads text; bytes that are no UTF-8 become replacement characters. */
export function textTarget(
  name: string,
  seeds: readonly string[],
  parse: (text: string) => unknown,
  weight = 1,
): FuzzTarget {
  return {
    name,
    seeds: seeds.map(utf8),
    parse: (input) => parse(Buffer.from(input).toString('utf8')),
    weight,
  };
}

/** A target that reads what JSON text says; text that is no JSON is read as a string. */
export function valueTarget(
  name: string,
  seeds: readonly unknown[],
  parse: (value: unknown) => unknown,
): FuzzTarget {
  return textTarget(
    name,
    seeds.map((value) => JSON.stringify(value)),
    (text) => parse(toValue(text)),
  );
}

function toValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/**
 * A target that reads YAML: only files of whoever runs the program are. Its library takes some 5 µs a character whatever they say, which
 * a busy machine doubles, and a wrong one of them is slow in no other way than a good one. So it gets fewer inputs.
 */
export function yamlTarget(target: FuzzTarget): FuzzTarget {
  return { ...target, maxCpuMs: 300, weight: Math.min(target.weight ?? 1, 0.3) };
}
