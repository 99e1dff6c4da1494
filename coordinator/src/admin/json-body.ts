// The body of a request, before its format is looked at.
import { Refusal } from '@blindsum/proto';

/** The value that JSON text says; refuses MALFORMED for anything else. */
export function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new Refusal('MALFORMED', 'not JSON', { cause });
  }
}
