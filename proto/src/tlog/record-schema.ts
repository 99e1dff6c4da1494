// JSON Schema (draft 2020-12) of the records, for tools that are not ours. Schemas say the form alone: what a parser checks besides
// (canonical spelling, subjects, counts that agree) is in record.ts and predicates.ts.
import { z } from 'zod';
import { utf8, type Bytes } from '../bytes.ts';
import { digestSchema } from '../identifiers.ts';
import { PREDICATES, type RecordKind } from './predicates.ts';
import { STATEMENT_TYPE, toPredicateType } from './record.ts';

/** All kinds of record, in the order in which predicates.ts has them. */
export const RECORD_KINDS = Object.keys(PREDICATES) as RecordKind[];

/** The schema of the in-toto statement that a record of this kind is, as JSON with two spaces; ends in a newline. */
export function encodeRecordSchema(kind: RecordKind): Bytes {
  const subject = z.strictObject({ digest: z.strictObject({ sha256: digestSchema }), name: z.string() });
  const statement = z.strictObject({
    _type: z.literal(STATEMENT_TYPE),
    predicate: PREDICATES[kind],
    predicateType: z.literal(toPredicateType(kind)),
    subject: z.array(subject).min(1),
  });
  const { $schema, ...schema } = z.toJSONSchema(statement, { io: 'input' });
  const named = { $schema, $id: toPredicateType(kind), title: `Blindsum record: ${kind}`, ...schema };
  return utf8(`${JSON.stringify(named, null, 2)}\n`);
}

/** The name of the file that holds it. */
export function toSchemaFile(kind: RecordKind): string {
  return `${kind}.v1.schema.json`;
}
