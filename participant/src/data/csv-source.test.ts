import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parseDataSchema, Refusal } from '@blindsum/proto';
import { readCsv } from './csv-source.ts';

const SCHEMA = parseDataSchema({
  features: [
    { column: 'age', type: 'number', min: '0', max: '120' },
    { column: 'ward', type: 'category', values: ['north', 'south'] },
    { column: 'pressure', type: 'number', min: '0', max: '300' },
  ],
  label: { column: 'outcome', positive: 'ill', negative: 'well' },
});

const folder = await mkdtemp(join(tmpdir(), 'blindsum-csv-'));
after(() => rm(folder, { recursive: true }));

test('rows are read in the order of the schema, whatever the order of the columns', async () => {
  const file = await write(
    'outcome,pressure,ward,age,note\nill,120.5,south,40,"a, b"\nwell,.8e2,north,+41,\n',
  );
  const table = await readCsv(file, SCHEMA);
  assert.deepEqual([...table.numbers], [40, 120.5, 41, 80]);
  assert.deepEqual([...table.categories], [1, 0]);
  assert.deepEqual([...table.labels], [1, 0]);
  assert.equal(table.rows, 2);
});

test('a byte order mark, carriage returns, spaces and empty lines do no harm', async () => {
  const file = await write(
    '\ufeffage, ward ,pressure,outcome\r\n\r\n 40 ,north,1,ill\r\n41,south,2,well\r\n\r\n',
  );
  assert.equal((await readCsv(file, SCHEMA)).rows, 2);
});

test('a file of thousands of rows is read whole', async () => {
  const lines = Array.from(
    { length: 5000 },
    (_, i) => `${i % 100},${i % 3 ? 'north' : 'south'},${i / 100},${i % 2 ? 'ill' : 'well'}`,
  );
  const table = await readCsv(await write(`age,ward,pressure,outcome\n${lines.join('\n')}\n`), SCHEMA);
  assert.equal(table.rows, 5000);
  assert.deepEqual([...table.numbers.subarray(9998)], [99, 49.99]);
  assert.equal(
    table.categories.reduce((sum, code) => sum + code, 0),
    1667,
  );
});

const HEADER = 'age,ward,pressure,outcome\n';
const GOOD = '40,north,120,ill\n50,south,130,well\n';

const BAD: [string, string, RegExp][] = [
  ['without a column', 'age,ward,outcome\n40,north,ill\n', /line 1: column "pressure" .* is missing; add it/],
  ['without the label column', 'age,ward,pressure\n40,north,1\n', /line 1: column "outcome" .* is missing/],
  [
    'separated by semicolons',
    HEADER.replaceAll(',', ';') + GOOD.replaceAll(',', ';'),
    /separate columns by commas/,
  ],
  [
    'with a duplicated header',
    `age,ward,pressure,outcome,ward\n`,
    /line 1: columns 2 and 5 have the same name; rename/,
  ],
  [
    'with text for a number',
    `${HEADER}${GOOD}SECRET,north,1,ill\n`,
    /line 4, column "age": the value is not a number/,
  ],
  ['with a decimal comma', `${HEADER}${GOOD}"4,5",north,1,ill\n`, /line 4, column "age": .* decimal point/],
  [
    'with an infinite number',
    `${HEADER}${GOOD}1e999,north,1,ill\n`,
    /line 4, column "age": the value is not a number/,
  ],
  [
    'with a hexadecimal number',
    `${HEADER}0x10,north,1,ill\n${GOOD}`,
    /line 2, column "age": the value is not a number/,
  ],
  [
    'with an unknown category',
    `${HEADER}${GOOD}40,SECRET,1,ill\n`,
    /line 4, column "ward": .* not one of the schema's/,
  ],
  [
    'with an unknown label',
    `${HEADER}${GOOD}40,north,1,SECRET\n`,
    /line 4, column "outcome": the label is neither "ill" nor "well"/,
  ],
  [
    'with a missing value',
    `${HEADER}${GOOD}40,north,,ill\n`,
    /line 4, column "pressure": the value is missing; fill it in/,
  ],
  ['with a missing label', `${HEADER}${GOOD}40,north,1,\n`, /line 4, column "outcome": the value is missing/],
  [
    'with a short row',
    `${HEADER}${GOOD}\n40,north\n`,
    /line 5: 2 values where the header has 4 columns; complete/,
  ],
  [
    'with a long row',
    `${HEADER}${GOOD}40,north,1,ill,SECRET\n`,
    /line 4: 5 values where the header has 4 columns/,
  ],
  ['without rows', HEADER, /no rows under the header; add/],
  [
    'of one class',
    `${HEADER}40,north,120,ill\n50,south,130,ill\n`,
    /"outcome" has only one of the two labels/,
  ],
  ['that is empty', '', /the file is empty; its first line must name the columns/],
  ['with an open quote', `${HEADER}${GOOD}"SECRET,north,1,ill\n`, /not well-formed CSV; look for a quote/],
  ['with a stray quote', `${HEADER}${GOOD}40,"SEC"RET,1,ill\n`, /line 4: this is not well-formed CSV/],
  ['with an endless line', `${HEADER}${'SECRET'.repeat(200_000)}\n`, /not well-formed CSV/],
];

for (const [what, content, sentence] of BAD) {
  test(`a file ${what} is refused with the place and what to do, and shows no data`, async () => {
    const file = await write(content);
    await assert.rejects(readCsv(file, SCHEMA), (error) => {
      assert.ok(error instanceof Refusal);
      assert.equal(error.code, 'DATA_INVALID');
      assert.match(error.detail, sentence);
      assert.ok(error.detail.startsWith(`${file}: `), 'names the file');
      assert.ok(!error.detail.includes('\n') && !JSON.stringify(error).includes('SEC'), 'shows no data');
      assert.equal(error.cause, undefined);
      return true;
    });
  });
}

test('a file that is not there, or is a folder, is refused', async () => {
  await assert.rejects(
    readCsv(join(folder, 'absent.csv'), SCHEMA),
    /absent\.csv: the file cannot be read \(there is no such file\)/,
  );
  await assert.rejects(readCsv(folder, SCHEMA), /cannot be read \(it is a folder\)/);
});

test('a holdout file may have one class only', async () => {
  const file = await write(`${HEADER}40,north,120,ill\n`);
  assert.equal((await readCsv(file, SCHEMA, 'any')).rows, 1);
});

let files = 0;

async function write(content: string): Promise<string> {
  const file = join(folder, `${files++}.csv`);
  await writeFile(file, content);
  return file;
}
