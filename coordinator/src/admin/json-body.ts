// The body of a request, before its format is looked at.
import type { z } from 'zod';
import { describeIssues, Refusal } from '@blindsum/proto';

/** The value that JSON text says; refuses MALFORMED for anything else. */
export function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new Refusal('MALFORMED', 'not JSON', { cause });
  }
}

/** The value of a format that JSON text says; refuses MALFORMED, naming the place of each mistake. */
export function parseBody<T>(format: z.ZodType<T>, body: Buffer | undefined): T {
  const parsed = format.safeParse(parseJson(body ?? Buffer.alloc(0)));
  if (!parsed.success) throw new Refusal('MALFORMED', describeIssues(parsed.error));
  return parsed.data;
}

/** A text of the document, for the trail: what is malformed is refused where it is parsed. */
export function textIn(body: Buffer | undefined, name: string): string {
  try {
    const value = (parseJson(body ?? Buffer.alloc(0)) as Record<string, unknown> | null)?.[name];
    return typeof value === 'string' ? value : '';
  } catch {
    return '';
  }
}
