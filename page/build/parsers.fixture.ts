// The parsers of the page, to be compared: over zod as they are, over the page's own reader of schemas when built.
import { attestationCodec, modelReleaseCodec } from '@blindsum/proto';
import { parseBundle } from '@blindsum/proto/provenance';
import { parseEnvelope, parseLeaf, parseRecord, PREDICATES } from '@blindsum/proto/tlog';

export const PARSERS = {
  bundle: parseBundle,
  envelope: parseEnvelope,
  entry: parseLeaf,
  record: parseRecord,
  attestation: (payload: Uint8Array) => attestationCodec.read(payload),
  'model release': (payload: Uint8Array) => modelReleaseCodec.read(payload),
};
export type Parsers = typeof PARSERS;

/** Whether a predicate of that kind is accepted, and as what. */
export function readPredicate(kind: keyof typeof PREDICATES, value: unknown): unknown {
  const parsed = PREDICATES[kind].safeParse(value);
  return parsed.success ? parsed.data : undefined;
}
