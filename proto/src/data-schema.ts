// The columns all sites agree on: part of the job manifest. A schema says what a column is called, what range or which
// categories it has, and which column is the label; it never says where a site keeps its rows.
import { z } from 'zod';
import { decimalSchema, encodeDecimal, toNumber } from './decimal.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import { describeIssues } from './describe-issues.ts';

/** Features of one schema. */
export const MAX_COLUMNS = 2000;
/** Inputs of the model after one-hot encoding. */
export const MAX_INPUT_WIDTH = 65536;

// Control characters have no business in a header, and would forge lines in a site's log.
const nameSchema = z
  .string()
  .min(1)
  .max(128)
  .refine((text) => !/\p{Cc}/u.test(text), 'control characters are not allowed');

const categorySchema = z.strictObject({
  column: nameSchema,
  type: z.literal('category'),
  values: z.array(nameSchema).min(2).max(200),
});

const numberSchema = z.strictObject({
  column: nameSchema,
  type: z.literal('number'),
  /** Public bounds, agreed beforehand: they must not be computed from rows. */
  min: decimalSchema,
  max: decimalSchema,
});

const labelSchema = z.strictObject({ column: nameSchema, positive: nameSchema, negative: nameSchema });

/** The schema as it stands in the canonical manifest: `min` and `max` are decimals written as text. */
export const dataSchemaFormat = z.strictObject({
  features: z
    .array(z.discriminatedUnion('type', [numberSchema, categorySchema]))
    .min(1)
    .max(MAX_COLUMNS),
  label: labelSchema,
});

// Configuration is written by people: YAML numbers are welcome, and become the manifest's decimals.
const decimalNumber = z.number().transform((value, context) => {
  const decimal = encodeDecimal(value);
  if (decimal !== undefined) return decimal;
  context.addIssue({ code: 'custom', message: 'expected a number of at most 20 characters' });
  return z.NEVER;
});

const numberConfiguration = numberSchema.extend({
  min: z.union([decimalNumber, decimalSchema]),
  max: z.union([decimalNumber, decimalSchema]),
});

const schemaConfiguration = dataSchemaFormat.extend({
  features: z
    .array(z.discriminatedUnion('type', [numberConfiguration, categorySchema]))
    .min(1)
    .max(MAX_COLUMNS),
});

export type DataSchema = z.output<typeof dataSchemaFormat>;
export type Feature = DataSchema['features'][number];
export type NumberFeature = z.output<typeof numberSchema>;
export type CategoryFeature = z.output<typeof categorySchema>;

/** Parses the schema of a canonical manifest; refuses MANIFEST_INVALID with the place of each mistake. */
export function parseDataSchema(value: unknown): DataSchema {
  const parsed = dataSchemaFormat.safeParse(value);
  if (!parsed.success) throw invalid(describeIssues(parsed.error), 'MANIFEST_INVALID');
  return checked(parsed.data, 'MANIFEST_INVALID');
}

/** Parses the schema of a job file, where `min` and `max` may be plain numbers; refuses CONFIG_INVALID. */
export function parseDataSchemaConfiguration(value: unknown): DataSchema {
  const parsed = schemaConfiguration.safeParse(value);
  if (!parsed.success) throw invalid(describeIssues(parsed.error), 'CONFIG_INVALID');
  return checked(parsed.data, 'CONFIG_INVALID');
}

/** Inputs of the model: one for each numeric feature, one for each category of the others. */
export function inputWidth(schema: DataSchema): number {
  return schema.features.reduce((width, feature) => width + widthOf(feature), 0);
}

/** Inputs of one feature: 1, or its number of categories. */
export function widthOf(feature: Feature): number {
  return feature.type === 'number' ? 1 : feature.values.length;
}

/** The numeric features in the schema's order: those that federated statistics are about. */
export function numberFeatures(schema: DataSchema): NumberFeature[] {
  return schema.features.filter((feature) => feature.type === 'number');
}

/** The categorical features in the schema's order. */
export function categoryFeatures(schema: DataSchema): CategoryFeature[] {
  return schema.features.filter((feature) => feature.type === 'category');
}

type SchemaCode = 'MANIFEST_INVALID' | 'CONFIG_INVALID';

function invalid(detail: string, code: SchemaCode): Refusal {
  return new Refusal(code, `data schema: ${detail}`);
}

function checked(schema: DataSchema, code: SchemaCode): DataSchema {
  const columns = [...schema.features.map((feature) => feature.column), schema.label.column];
  const repeated = firstRepeated(columns);
  if (repeated !== undefined) throw invalid(`column "${repeated}" is named twice`, code);
  schema.features.forEach((feature, i) => checkFeature(feature, `features.${i}`, code));
  if (schema.label.positive === schema.label.negative)
    throw invalid('label: positive and negative must differ', code);
  if (inputWidth(schema) > MAX_INPUT_WIDTH) throw invalid(`more than ${MAX_INPUT_WIDTH} inputs`, code);
  return schema;
}

function checkFeature(feature: Feature, place: string, code: SchemaCode): void {
  if (feature.type === 'number') {
    const isOrdered = toNumber(feature.min) < toNumber(feature.max);
    refuseUnless(isOrdered, code, `data schema: ${place}: min must be less than max`);
    return;
  }
  const repeated = firstRepeated(feature.values);
  if (repeated !== undefined) throw invalid(`${place}: category "${repeated}" is named twice`, code);
}

function firstRepeated(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name).size);
}
