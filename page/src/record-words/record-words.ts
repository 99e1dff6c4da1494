// What is shown of a record.

/** A name and what is said under it; digests are set apart. */
export interface Fact {
  readonly name: string;
  readonly value: string | readonly string[];
  readonly isDigest?: boolean;
}

export interface RecordWords {
  readonly sentence: string;
  readonly facts: readonly Fact[];
}

/** The fact of a digest, in hexadecimal. */
export function digestFact(name: string, value: string | readonly string[]): Fact {
  return { name, value, isDigest: true };
}

/** The link to the record before; `first` is said of the record that has none. */
export function previousFact(previousRecord: string, first: string): Fact {
  const name = 'Record before';
  return previousRecord === '' ? { name, value: `none: ${first}` } : digestFact(name, previousRecord);
}
