// The rows of one site as its configuration names them: a file, and what of it is held out.
import type { DataSchema } from '@blindsum/proto';
import { readCsv } from './csv-source.ts';
import { splitTable, type Split } from './split.ts';

/** Where a site's rows are: one file and the share of it to hold out, or two files. */
export type SiteDataSource =
  | { readonly file: string; readonly holdoutFraction: number; readonly seed: number }
  | { readonly file: string; readonly holdoutFile: string };

/** Reads the rows; refuses DATA_INVALID. A separate holdout file may hold one class only, training rows may not. */
export async function readSiteData(source: SiteDataSource, schema: DataSchema): Promise<Split> {
  const table = await readCsv(source.file, schema);
  if ('holdoutFile' in source)
    return { training: table, holdout: await readCsv(source.holdoutFile, schema, 'any') };
  return splitTable(table, source.holdoutFraction, source.seed);
}
