// The published schemas, by a validator that is not ours: they take every record that we write, and nothing with a field more or less.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parseUtf8 } from '@blindsum/proto';
import {
  encodeRecord,
  encodeRecordSchema,
  RECORD_KINDS,
  toSchemaFile,
  type LogRecord,
} from '@blindsum/proto/tlog';
import {
  hashOf,
  incidents,
  JOB,
  release,
  lateConsent,
  sampleRecords,
  SITES,
  withdrawal,
} from '../../auditor/src/sample-log.fixture.ts';

const FOLDER = join(import.meta.dirname, '../../proto/schemas');
// `format` and the word for what base64 text holds are notes for readers: patterns say the same.
const ajv = new Ajv2020({ strict: false, validateFormats: false });
const validators = new Map(
  RECORD_KINDS.map((kind) => {
    const schema = JSON.parse(readFileSync(join(FOLDER, toSchemaFile(kind)), 'utf8')) as object;
    return [kind, ajv.compile(schema)];
  }),
);
const validate = (kind: LogRecord['kind'], statement: unknown) => validators.get(kind)!(statement);
const statementOf = (record: LogRecord) =>
  JSON.parse(parseUtf8(encodeRecord(record), 'record')) as { predicate: Record<string, unknown> };

const samples: LogRecord[] = [
  ...sampleRecords(2),
  lateConsent(SITES[0]!),
  withdrawal(SITES[0]!, 1),
  ...incidents(1, 1),
  release(1),
  {
    kind: 'redaction',
    predicate: { record: hashOf('r'), kind: 'round', job: JOB, name: hashOf('n'), reason: 'asked for' },
  },
  { kind: 'anchor', predicate: { size: 1, root: hashOf('r'), token: hashOf('t') } },
];

test('the schemas in proto/schemas are those of the records', () => {
  assert.deepEqual(readdirSync(FOLDER).sort(), RECORD_KINDS.map(toSchemaFile).sort());
  for (const kind of RECORD_KINDS)
    assert.equal(
      readFileSync(join(FOLDER, toSchemaFile(kind)), 'utf8'),
      parseUtf8(encodeRecordSchema(kind), 'schema'),
      'run scripts/generate-schemas',
    );
});

test('a record is valid by the schema of its kind, and by no other', () => {
  for (const record of samples)
    for (const kind of RECORD_KINDS)
      assert.equal(validate(kind, statementOf(record)), kind === record.kind, `${record.kind} by ${kind}`);
});

test('a record with a field more, less, or of another form is not valid', () => {
  for (const record of samples) {
    const { predicate, ...statement } = statementOf(record);
    assert.equal(
      validate(record.kind, { ...statement, predicate: { ...predicate, site: 'hospital-a' } }),
      false,
    );
    assert.equal(validate(record.kind, { ...statement, predicate, extra: 1 }), false);
    for (const field of Object.keys(predicate)) {
      const { [field]: _, ...less } = predicate;
      assert.equal(
        validate(record.kind, { ...statement, predicate: less }),
        false,
        `${record.kind} without ${field}`,
      );
      const wrong = { ...predicate, [field]: null };
      assert.equal(
        validate(record.kind, { ...statement, predicate: wrong }),
        false,
        `${record.kind} ${field}`,
      );
    }
  }
});
