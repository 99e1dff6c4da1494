// The parsers of the page, to be compared: over zod as they are, over the page's own reader of schemas when built.
import {
  attestationCodec,
  modelReleaseCodec,
  parseHostileJson,
  parseJobFile,
  parseManifest,
  parseUtf8,
} from '@blindsum/proto';
import { parseBundle } from '@blindsum/proto/provenance';
import { parseEnvelope, parseLeaf, parseRecord, PREDICATES } from '@blindsum/proto/tlog';

export const PARSERS = {
  bundle: parseBundle,
  envelope: parseEnvelope,
  entry: parseLeaf,
  record: parseRecord,
  attestation: (payload: Uint8Array) => attestationCodec.read(payload),
  manifest: parseManifest,
  'job file': (bytes: Uint8Array) => parseJobFile(parseHostileJson(parseUtf8(bytes, 'job'), 'job')),
  'model release': (payload: Uint8Array) => modelReleaseCodec.read(payload),
};
export type Parsers = typeof PARSERS;

/** Whether a predicate of that kind is accepted, and as what. */
export function readPredicate(kind: keyof typeof PREDICATES, value: unknown): unknown {
  const parsed = PREDICATES[kind].safeParse(value);
  return parsed.success ? parsed.data : undefined;
}
