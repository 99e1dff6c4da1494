// Writes the description of the admin API, and the types that clients use, into a folder; run by scripts/generate-api.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import openapiTypes, { astToString, type OpenAPI3 } from 'openapi-typescript';
import prettier from 'prettier';
import { encodeApiDocument } from '../coordinator/src/http/api-document.ts';

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: write-api.ts <folder>');
const HEADER = '// Generated from the routes of the coordinator by scripts/generate-api. Do not edit.\n';
const text = await encodeApiDocument();
const types = astToString(await openapiTypes(JSON.parse(text) as OpenAPI3, { alphabetize: true }));
const config = await prettier.resolveConfig(join(import.meta.dirname, 'write-api.ts'));
const format = (source: string, parser: string) => prettier.format(source, { ...config, parser });
mkdirSync(join(folder, 'src'), { recursive: true });
writeFileSync(join(folder, 'openapi.json'), await format(text, 'json'));
writeFileSync(join(folder, 'src/schema.ts'), await format(HEADER + types, 'typescript'));
