// Reads a site's CSV file against the schema that all sites agreed on. Every mistake is refused in one sentence that names
// the file, the line, the column and what to do. Messages never show what stands in the file: logs may leave the site.
import { createReadStream } from 'node:fs';
import { CsvError, parse, type Info } from 'csv-parse';
import { Refusal, type DataSchema, type Feature } from '@blindsum/proto';
import { toSystemFault } from '@blindsum/proto/node';
import { TableBuilder } from './table-builder.ts';
import type { Table } from './table.ts';

const MAX_RECORD_BYTES = 1 << 20;
// The fraction is optional as a whole, so that no digit can be matched in two ways: linear in the length.
const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;

/**
 * Reads UTF-8, comma-separated rows under a header line; columns that the schema does not name are ignored, spaces around
 * values and empty lines too. Refuses DATA_INVALID. `classes` says whether both labels must occur: training needs both.
 */
export async function readCsv(
  file: string,
  schema: DataSchema,
  classes: 'both' | 'any' = 'both',
): Promise<Table> {
  const table = await readTable(file, schema);
  if (table.rows === 0) throw refusal(file, 'there are no rows under the header; add the rows of this site');
  const positives = table.labels.reduce((sum, label) => sum + label, 0);
  if (classes === 'both' && (positives === 0 || positives === table.rows))
    throw refusal(
      file,
      `column "${schema.label.column}" has only one of the two labels; training needs rows of both`,
    );
  return table;
}

interface CsvRecord {
  record: string[];
  info: Pick<Info, 'lines'>;
}

async function readTable(
  file: string,
  schema: DataSchema,
  { isLabelled }: { readonly isLabelled: boolean } = { isLabelled: true },
): Promise<Table> {
  const builder = new TableBuilder(schema);
  let columns: Columns | undefined;
  try {
    for await (const { record, info } of openRecords(file)) {
      if (columns === undefined)
        columns = findColumns(file, isLabelled ? schema : { ...schema, label: undefined }, record);
      else readRow(columns, { file, line: info.lines, values: record }, builder);
    }
  } catch (error) {
    throw toRefusal(file, error);
  }
  if (columns === undefined) throw refusal(file, 'the file is empty; its first line must name the columns');
  return builder.toTable();
}

function openRecords(file: string): AsyncIterable<CsvRecord> {
  const parser = parse({
    bom: true,
    info: true,
    trim: true,
    skip_empty_lines: true,
    relax_column_count: true,
    max_record_size: MAX_RECORD_BYTES,
  });
  // pipe() does not forward errors; without this a missing file would leave the loop waiting for ever.
  createReadStream(file)
    .on('error', (error) => parser.destroy(error))
    .pipe(parser);
  return parser as AsyncIterable<CsvRecord>;
}

interface Column {
  readonly index: number;
  readonly name: string;
}

interface Columns {
  readonly width: number;
  readonly features: readonly (Column & { readonly read: ReadValue })[];
  /** Undefined where rows are read without it. */
  readonly label: (Column & { readonly positive: string; readonly negative: string }) | undefined;
}

interface WantedColumns extends Pick<DataSchema, 'features'> {
  readonly label: DataSchema['label'] | undefined;
}

/** The same rows without their labels, which need not be there; a label of the table says nothing. */
export async function readUnlabelledCsv(file: string, schema: DataSchema): Promise<Table> {
  return readTable(file, schema, { isLabelled: false });
}

/** Adds one value to the table, or says in what it is wrong and what to do. */
type ReadValue = (text: string, builder: TableBuilder) => string | undefined;

function findColumns(file: string, schema: WantedColumns, header: string[]): Columns {
  const indices = new Map<string, number>();
  header.forEach((name, index) => {
    const earlier = indices.get(name);
    if (earlier !== undefined) {
      throw refusal(
        file,
        `line 1: columns ${earlier + 1} and ${index + 1} have the same name; rename or remove one`,
      );
    }
    indices.set(name, index);
  });
  const find = (name: string): Column => {
    const index = indices.get(name);
    if (index !== undefined) return { index, name };
    const hint = 'add it, or rename the column that holds it, and separate columns by commas';
    throw refusal(file, `line 1: column "${name}" of the job's schema is missing; ${hint}`);
  };
  return {
    width: header.length,
    features: schema.features.map((feature) => ({ ...find(feature.column), read: readerOf(feature) })),
    label: schema.label && { ...schema.label, ...find(schema.label.column) },
  };
}

function readerOf(feature: Feature): ReadValue {
  if (feature.type === 'number') return readNumber;
  const codes = new Map(feature.values.map((value, code) => [value, code]));
  return (text, builder) => {
    const code = codes.get(text);
    if (code === undefined)
      return "the value is not one of the schema's categories; correct it, or remove the row";
    builder.addCategory(code);
    return undefined;
  };
}

function readNumber(text: string, builder: TableBuilder): string | undefined {
  const value = NUMBER.test(text) ? Number(text) : NaN;
  if (!Number.isFinite(value))
    return 'the value is not a number; write digits with a decimal point, or remove the row';
  builder.addNumber(value);
  return undefined;
}

interface Row {
  readonly file: string;
  /** The line of the file on which the row ends, from 1. */
  readonly line: number;
  readonly values: string[];
}

function readRow(columns: Columns, row: Row, builder: TableBuilder): void {
  const { width, features, label } = columns;
  if (row.values.length !== width) {
    const count = `${row.values.length} values where the header has ${width} columns`;
    throw refusal(row.file, `line ${row.line}: ${count}; complete the row, or quote values that hold commas`);
  }
  for (const column of features) {
    const problem = column.read(textOf(row, column), builder);
    if (problem !== undefined) throw wrongValue(row, column, problem);
  }
  if (label === undefined) return builder.endRow(0);
  const text = textOf(row, label);
  if (text !== label.positive && text !== label.negative)
    throw wrongValue(
      row,
      label,
      `the label is neither "${label.positive}" nor "${label.negative}"; correct it, or remove the row`,
    );
  builder.endRow(text === label.positive ? 1 : 0);
}

function textOf(row: Row, column: Column): string {
  const text = row.values[column.index] ?? '';
  if (text === '') throw wrongValue(row, column, 'the value is missing; fill it in, or remove the row');
  return text;
}

function wrongValue(row: Row, column: Column, problem: string): Refusal {
  return refusal(row.file, `line ${row.line}, column "${column.name}": ${problem}`);
}

function refusal(file: string, detail: string): Refusal {
  return new Refusal('DATA_INVALID', `${file}: ${detail}`);
}

// Foreign errors are not kept as a cause: csv-parse's messages and fields quote the row.
function toRefusal(file: string, error: unknown): unknown {
  if (error instanceof CsvError) {
    const line = typeof error['lines'] === 'number' ? `line ${error['lines']}: ` : '';
    return refusal(
      file,
      `${line}this is not well-formed CSV; look for a quote that is not closed or not doubled`,
    );
  }
  const code = (error as NodeJS.ErrnoException).code;
  const isFileError = error instanceof Error && typeof code === 'string' && 'syscall' in error;
  return isFileError
    ? refusal(file, `the file cannot be read (${toSystemFault(error)}); check the path and its permissions`)
    : error;
}
