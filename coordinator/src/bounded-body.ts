// Bodies of answers from others, of which none may fill the memory.
import { refuseUnless, type Bytes } from '@blindsum/proto';

/** The body, up to `maxBytes`; refuses MALFORMED for a longer one, naming `what`. */
export async function readBounded(response: Response, maxBytes: number, what: string): Promise<Bytes> {
  const parts: Bytes[] = [];
  let length = 0;
  for await (const part of (response.body ?? []) as AsyncIterable<Bytes>) {
    length += part.length;
    refuseUnless(length <= maxBytes, 'MALFORMED', `${what} is too long`);
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}
