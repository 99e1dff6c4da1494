// Writes a JSON schema for each kind of record into a folder; run by scripts/generate-schemas.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeRecordSchema, RECORD_KINDS, toSchemaFile } from '@blindsum/proto/tlog';

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: write-schemas.ts <folder>');
mkdirSync(folder, { recursive: true });
for (const kind of RECORD_KINDS) writeFileSync(join(folder, toSchemaFile(kind)), encodeRecordSchema(kind));
