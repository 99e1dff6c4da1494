import assert from 'node:assert/strict';
import test from 'node:test';
import { encodeCanonicalJson } from './canonical-json.ts';
import {
  categoryFeatures,
  inputWidth,
  numberFeatures,
  parseDataSchema,
  parseDataSchemaConfiguration,
} from './data-schema.ts';
import { Refusal } from './refusal.ts';

const AGE = { column: 'age', type: 'number', min: '0', max: '120' };
const SEX = { column: 'sex', type: 'category', values: ['female', 'male', 'unknown'] };
const LABEL = { column: 'outcome', positive: 'ill', negative: 'well' };

test('a schema lists its features in order and counts the inputs of the model', () => {
  const schema = parseDataSchema({ features: [SEX, AGE], label: LABEL });
  assert.equal(inputWidth(schema), 4);
  assert.deepEqual(
    numberFeatures(schema).map(({ column }) => column),
    ['age'],
  );
  assert.deepEqual(
    categoryFeatures(schema).map(({ column }) => column),
    ['sex'],
  );
});

test('numbers of a job file become the decimals of the manifest', () => {
  const written = { features: [{ ...AGE, min: 0, max: 1e-7 }, SEX], label: LABEL };
  const schema = parseDataSchemaConfiguration(written);
  assert.deepEqual(schema.features[0], { ...AGE, min: '0', max: '0.0000001' });
  assert.deepEqual(parseDataSchema(JSON.parse(encodeCanonicalJson(schema))), schema);
});

const BAD: [string, unknown, RegExp][] = [
  ['no features', { features: [], label: LABEL }, /features/],
  ['no label', { features: [AGE] }, /label/],
  ['an unknown key', { features: [AGE], label: LABEL, rows: 1 }, /rows/],
  ['an unknown key in a feature', { features: [{ ...AGE, mean: '1' }], label: LABEL }, /features\.0.*mean/],
  ['an unknown type', { features: [{ ...AGE, type: 'text' }], label: LABEL }, /features\.0\.type/],
  ['a float for a decimal', { features: [{ ...AGE, max: 1.5 }], label: LABEL }, /features\.0\.max/],
  [
    'a decimal in another spelling',
    { features: [{ ...AGE, max: '1.50' }], label: LABEL },
    /features\.0\.max/,
  ],
  ['min equal to max', { features: [{ ...AGE, min: '120' }], label: LABEL }, /features\.0: min must be less/],
  ['a feature twice', { features: [AGE, AGE], label: LABEL }, /"age" is named twice/],
  ['the label as a feature', { features: [AGE], label: { ...LABEL, column: 'age' } }, /"age" is named twice/],
  ['one category', { features: [{ ...SEX, values: ['x'] }], label: LABEL }, /features\.0\.values/],
  ['a category twice', { features: [{ ...SEX, values: ['x', 'x'] }], label: LABEL }, /category "x" is named/],
  ['equal labels', { features: [AGE], label: { ...LABEL, negative: 'ill' } }, /positive and negative/],
  ['an empty name', { features: [{ ...AGE, column: '' }], label: LABEL }, /features\.0\.column/],
  ['a long name', { features: [{ ...AGE, column: 'x'.repeat(129) }], label: LABEL }, /features\.0\.column/],
  [
    'a name with a line break',
    { features: [{ ...AGE, column: 'a\nb' }], label: LABEL },
    /control characters/,
  ],
  [
    'too many categories',
    { features: [{ ...SEX, values: names(201) }], label: LABEL },
    /features\.0\.values/,
  ],
  [
    'too many features',
    { features: names(2001).map((column) => ({ ...AGE, column })), label: LABEL },
    /features/,
  ],
  [
    'too many inputs',
    { features: names(400).map((column) => ({ ...SEX, column, values: names(200) })), label: LABEL },
    /more than 65536 inputs/,
  ],
];

for (const [what, value, place] of BAD) {
  test(`a schema with ${what} is refused with its place`, () => {
    assert.throws(
      () => parseDataSchema(value),
      (error) => error instanceof Refusal && error.code === 'MANIFEST_INVALID' && place.test(error.detail),
    );
  });
}

test('a mistake in a job file is a configuration error', () => {
  const written = { features: [{ ...AGE, min: Infinity }], label: LABEL };
  assert.throws(
    () => parseDataSchemaConfiguration(written),
    (error) =>
      error instanceof Refusal && error.code === 'CONFIG_INVALID' && /features\.0\.min/.test(error.detail),
  );
});

function names(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `name ${i}`);
}
