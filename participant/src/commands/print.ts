// Results on the standard output: a sentence for people, or the same as JSON.

/** Writes one result. */
export type Print = (json: object, text: string) => void;

export function createPrint(isJson: boolean): Print {
  return (json, text) => void process.stdout.write(`${isJson ? JSON.stringify(json) : text}\n`);
}
