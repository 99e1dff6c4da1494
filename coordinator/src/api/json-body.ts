// The body of a request, before its format is looked at.
import type { z } from 'zod';
import { describeIssues, parseHostileJson, Refusal } from '@blindsum/proto';

/** The value that JSON text says; refuses MALFORMED for anything else, and for what no request needs: depth, JavaScript's keys. */
export function parseJson(bytes: Buffer): unknown {
  return parseHostileJson(bytes.toString('utf8'), 'the request');
}

/** The value of a format that JSON text says; refuses MALFORMED, naming the place of each mistake. */
export function parseBody<T>(format: z.ZodType<T>, body: Buffer): T {
  const parsed = format.safeParse(parseJson(body));
  if (!parsed.success) throw new Refusal('MALFORMED', describeIssues(parsed.error));
  return parsed.data;
}

/** A text of a body, parsed or not, for the trail: what is malformed is refused where it is parsed. */
export function textIn(body: unknown, name: string): string {
  try {
    const value = (Buffer.isBuffer(body) ? parseJson(body) : body) as Record<string, unknown> | null;
    const text = value?.[name];
    return typeof text === 'string' ? text : '';
  } catch {
    return '';
  }
}
