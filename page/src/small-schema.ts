// The part of zod that the schemas of the log's formats use, in a few hundred bytes instead of many thousands: the page is built with this
// in zod's place, so that there is one set of schemas. It accepts and gives what zod accepts and gives; of what is wrong it names the
// first place only. Values come from JSON.

type Path = readonly PropertyKey[];
type Read = (value: unknown, path: Path) => unknown;
type Shape = Readonly<Record<string, Schema>>;

interface Issue {
  readonly path: Path;
  readonly code: 'custom';
  readonly message: string;
}

/** What safeParse says. */
export type Outcome =
  | { readonly success: true; readonly data: unknown }
  | { readonly success: false; readonly error: { readonly issues: readonly Issue[] } };

class Mismatch extends Error {
  readonly issue: Issue;

  constructor(path: Path, message: string) {
    super(message);
    this.issue = { path, code: 'custom', message };
  }
}

function matchUnless(isMatch: boolean, path: Path, message: string): void {
  if (!isMatch) throw new Mismatch(path, message);
}

/** A schema, with the refinements that zod gives to schemas of its type. */
export class Schema {
  readonly read: Read;
  /** Of an object's schema. */
  readonly shape: Shape | undefined;
  /** True if an object may be without such a member. */
  readonly isOptional: boolean;

  constructor(read: Read, shape?: Shape, isOptional = false) {
    this.read = read;
    this.shape = shape;
    this.isOptional = isOptional;
  }

  safeParse(value: unknown): Outcome {
    try {
      return { success: true, data: this.read(value, []) };
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
      return { success: false, error: { issues: [error.issue] } };
    }
  }

  /** At least `least`: a number, or the length of a string or an array. */
  min(least: number): Schema {
    return this.refine((value) => toMagnitude(value) >= least, `expected at least ${least}`);
  }

  max(most: number): Schema {
    return this.refine((value) => toMagnitude(value) <= most, `expected at most ${most}`);
  }

  regex(pattern: RegExp, message = 'of another form'): Schema {
    return this.refine((value: string) => pattern.test(value), message);
  }

  refine(isMatch: (value: never) => boolean, message: string): Schema {
    const read: Read = (value, path) => {
      const found = this.read(value, path);
      matchUnless(isMatch(found as never), path, message);
      return found;
    };
    return new Schema(read, this.shape);
  }

  /** A member that may be absent, and not undefined. */
  exactOptional(): Schema {
    return new Schema(this.read, this.shape, true);
  }

  transform(change: (value: never) => unknown): Schema {
    return new Schema((value, path) => change(this.read(value, path) as never));
  }
}

function toMagnitude(value: unknown): number {
  return typeof value === 'number' ? value : (value as string | readonly unknown[]).length;
}

function createSchema(isMatch: (value: unknown) => boolean, expected: string): Schema {
  return new Schema((value, path) => {
    matchUnless(isMatch(value), path, value === undefined ? 'is missing' : `expected ${expected}`);
    return value;
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readObject(value: unknown, path: Path): Record<string, unknown> {
  if (!isObject(value)) throw new Mismatch(path, value === undefined ? 'is missing' : 'expected an object');
  return value;
}

function readArray(value: unknown, path: Path): readonly unknown[] {
  if (!Array.isArray(value)) throw new Mismatch(path, value === undefined ? 'is missing' : 'expected a list');
  return value;
}

const BASE64 = /^(?:[0-9a-zA-Z+/]{4})*(?:[0-9a-zA-Z+/]{2}==|[0-9a-zA-Z+/]{3}=)?$/;
const string = () => createSchema((value) => typeof value === 'string', 'text');
const literal = (only: unknown) => createSchema((value) => value === only, `${String(only)}`);

/** An object with exactly these members, of which optional ones may be absent. */
function strictObject(shape: Shape): Schema {
  const names = Object.keys(shape);
  return new Schema((value, path) => {
    const members = readObject(value, path);
    const unknown = Object.keys(members).find((name) => !Object.hasOwn(shape, name));
    matchUnless(unknown === undefined, path, `unknown key: "${unknown ?? ''}"`);
    const due = names.filter((name) => Object.hasOwn(members, name) || !shape[name]!.isOptional);
    return Object.fromEntries(
      due.map((name) => [
        name,
        shape[name]!.read(Object.hasOwn(members, name) ? members[name] : undefined, [...path, name]),
      ]),
    );
  }, shape);
}

function union(options: readonly Schema[]): Schema {
  return new Schema((value, path) => {
    for (const option of options) {
      const outcome = option.safeParse(value);
      if (outcome.success) return outcome.data;
    }
    throw new Mismatch(path, 'is none of what is allowed');
  });
}

/** Stands for zod's `z`. */
export const z = {
  string,
  literal,
  strictObject,
  union,
  base64: () => string().regex(BASE64, 'not base64'),
  boolean: () => createSchema((value) => typeof value === 'boolean', 'true or false'),
  int: () => createSchema(Number.isSafeInteger, 'a whole number'),
  unknown: () => new Schema((value) => value),
  enum: (names: readonly unknown[]) =>
    createSchema((value) => names.includes(value), `one of ${names.join(', ')}`),
  array: (item: Schema) =>
    new Schema((value, path) => readArray(value, path).map((each, i) => item.read(each, [...path, i]))),
  tuple: (items: readonly Schema[]) =>
    new Schema((value, path) => {
      const found = readArray(value, path);
      matchUnless(found.length === items.length, path, `expected ${items.length} of them`);
      return items.map((item, i) => item.read(found[i], [...path, i]));
    }),
  record: (key: Schema, item: Schema) =>
    new Schema((value, path) =>
      Object.fromEntries(
        Object.entries(readObject(value, path)).map(([name, each]) => [
          key.read(name, [...path, name]),
          item.read(each, [...path, name]),
        ]),
      ),
    ),
  discriminatedUnion: (_tag: string, options: readonly Schema[]) => union(options),
};
