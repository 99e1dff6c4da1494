// The part of zod that the schemas of the log's formats, of job files and of manifests use, in a few hundred bytes instead of many
// thousands: pages are built with this in zod's place, so that there is one set of schemas. It accepts and gives what zod accepts and
// gives, and names every place where something is wrong. Values come from JSON or YAML.

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
  readonly issues: readonly Issue[];

  constructor(issues: readonly Issue[]) {
    super('mismatch');
    this.issues = issues;
  }

  static at(path: Path, message: string): Mismatch {
    return new Mismatch([{ path, code: 'custom', message }]);
  }
}

/** What each of them gives; a mismatch with all issues of all of them. */
function readAll<T>(reads: readonly (() => T)[]): T[] {
  const issues: Issue[] = [];
  const found = reads.map((read) => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
      issues.push(...error.issues);
      return undefined;
    }
  });
  if (issues.length > 0) throw new Mismatch(issues);
  return found as T[];
}

function matchUnless(isMatch: boolean, path: Path, message: string): void {
  if (!isMatch) throw Mismatch.at(path, message);
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
      return { success: false, error: { issues: error.issues } };
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

  transform(change: (value: never, context: Context) => unknown): Schema {
    return new Schema((value, path) => {
      const issues: Issue[] = [];
      const addIssue = ({ message }: { readonly message: string }) =>
        void issues.push({ path, code: 'custom', message });
      const changed = change(this.read(value, path) as never, { addIssue });
      if (issues.length > 0) throw new Mismatch(issues);
      return changed;
    });
  }

  optional(): Schema {
    return new Schema((value, path) => (value === undefined ? undefined : this.read(value, path)));
  }

  /** Given as it is in the place of what is missing. */
  default(missing: unknown): Schema {
    return new Schema((value, path) => (value === undefined ? missing : this.read(value, path)));
  }

  /** Read in the place of what is missing. */
  prefault(missing: unknown): Schema {
    return new Schema((value, path) => this.read(value === undefined ? missing : value, path));
  }

  /** Of an object's schema: with these members besides, or instead. */
  extend(shape: Shape): Schema {
    return strictObject({ ...this.shape, ...shape });
  }
}

/** What a transformation may complain to. */
interface Context {
  addIssue(issue: { readonly message: string }): void;
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
  if (!isObject(value)) throw Mismatch.at(path, value === undefined ? 'is missing' : 'expected an object');
  return value;
}

function readArray(value: unknown, path: Path): readonly unknown[] {
  if (!Array.isArray(value)) throw Mismatch.at(path, value === undefined ? 'is missing' : 'expected a list');
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
    const unknown = Object.keys(members).filter((name) => !Object.hasOwn(shape, name));
    const due = names.filter((name) => Object.hasOwn(members, name) || !shape[name]!.isOptional);
    const known = due.map((name) => () => {
      const member = Object.hasOwn(members, name) ? members[name] : undefined;
      return [name, shape[name]!.read(member, [...path, name])] as const;
    });
    const strange = unknown.map((name) => (): never => {
      throw Mismatch.at(path, `unknown key: "${name}"`);
    });
    return Object.fromEntries(readAll([...known, ...strange]).filter(([, found]) => found !== undefined));
  }, shape);
}

function union(options: readonly Schema[], error: Complaint = 'is none of what is allowed'): Schema {
  return new Schema((value, path) => {
    for (const option of options) {
      const outcome = option.safeParse(value);
      if (outcome.success) return outcome.data;
    }
    throw Mismatch.at(path, toMessage(error));
  });
}

/** What is said of a value that is none of them. */
type Complaint = string | { readonly error: string };

function toMessage(error: Complaint): string {
  return typeof error === 'string' ? error : error.error;
}

/** The option whose tag it has says what else is wrong. */
function discriminatedUnion(tag: string, options: readonly Schema[]): Schema {
  return new Schema((value, path) => {
    const given = readObject(value, path)[tag];
    const option = options.find(({ shape }) => shape?.[tag]?.safeParse(given).success === true);
    if (!option) throw Mismatch.at([...path, tag], 'is none of what is allowed');
    return option.read(value, path);
  });
}

/** Stands for zod's `z`. */
export const z = {
  string,
  literal,
  strictObject,
  union,
  discriminatedUnion,
  /** Stands where a transformation has nothing to give, for it has complained. */
  NEVER: undefined,
  number: () => createSchema((value) => Number.isFinite(value), 'a number'),
  preprocess: (change: (value: unknown) => unknown, schema: Schema) =>
    new Schema((value, path) => schema.read(change(value), path)),
  base64: () => string().regex(BASE64, 'not base64'),
  boolean: () => createSchema((value) => typeof value === 'boolean', 'true or false'),
  int: () => createSchema(Number.isSafeInteger, 'a whole number'),
  unknown: () => createSchema((value) => value !== undefined, 'a value'),
  enum: (names: readonly unknown[]) =>
    createSchema((value) => names.includes(value), `one of ${names.join(', ')}`),
  array: (item: Schema) =>
    new Schema((value, path) =>
      readAll(readArray(value, path).map((each, i) => () => item.read(each, [...path, i]))),
    ),
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
};
