import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { encodeStatistics, inputWidth, parseDataSchemaConfiguration, parseJobFile } from '@blindsum/proto';
import { parse } from 'yaml';
import { readCsv } from './csv-source.ts';

const EXAMPLES = join(import.meta.dirname, '../../../examples');

for (const { name, file, rows, positives, inputs } of [
  { name: 'breast-cancer', file: 'breast_cancer.csv', rows: 569, positives: 212, inputs: 30 },
  { name: 'german-credit', file: 'german_credit.csv', rows: 1000, positives: 300, inputs: 63 },
]) {
  test(`every row of the ${name} example fits its job's schema`, async () => {
    const job = parseJobFile(parse(await readFile(join(EXAMPLES, name, 'job.yaml'), 'utf8')));
    const schema = parseDataSchemaConfiguration(job.data);
    const table = await readCsv(join(EXAMPLES, 'data', file), schema);
    assert.deepEqual([table.rows, inputWidth(schema)], [rows, inputs]);
    assert.equal(
      table.labels.reduce((sum, label) => sum + label, 0),
      positives,
    );
    assert.ok(encodeStatistics(schema, table, 24).outOfRange.every((count) => count === 0));
  });
}
