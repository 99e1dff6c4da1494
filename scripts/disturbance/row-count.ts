// How many rows a CSV file has, counted here and not by the program under test.
import { readFile } from 'node:fs/promises';

/** Lines after the header. */
export async function readCsvRows(path: string): Promise<number> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
  return lines.length - 1;
}
