// DSSE v1 envelopes (secure-systems-lab/dsse): a payload of a stated type with exactly one signature.
import { z } from 'zod';
import { encodeBase64, parseBase64 } from '../base64.ts';
import { concat, utf8, type Bytes } from '../bytes.ts';
import { parseCanonicalJson, toCanonicalBytes } from '../canonical-json.ts';
import { refuseUnless } from '../refusal.ts';

/** The payload type of in-toto statements. */
export const IN_TOTO_PAYLOAD_TYPE = 'application/vnd.in-toto+json';
/** Longest envelope that is read. */
export const MAX_ENVELOPE_BYTES = 32 << 20;

/** An in-toto statement and the signature of its PAE; who signed it is not said inside. */
export interface Envelope {
  readonly payload: Bytes;
  readonly signature: Bytes;
}

/** The form of an envelope as JSON, also within other documents. */
export const envelopeSchema = z.strictObject({
  payload: z.string(),
  payloadType: z.literal(IN_TOTO_PAYLOAD_TYPE),
  signatures: z.tuple([z.strictObject({ sig: z.string() })]),
});

/** PAE(type, body), the bytes that are signed: "DSSEv1", lengths and contents, separated by spaces. */
export function toPae(payloadType: string, payload: Bytes): Bytes {
  const type = utf8(payloadType);
  return concat(utf8(`DSSEv1 ${type.length} `), type, utf8(` ${payload.length} `), payload);
}

/** The envelope with standard base64, as a member of a JSON document. */
export function toEnvelopeDocument({ payload, signature }: Envelope): z.output<typeof envelopeSchema> {
  return {
    payload: encodeBase64(payload),
    payloadType: IN_TOTO_PAYLOAD_TYPE,
    signatures: [{ sig: encodeBase64(signature) }],
  };
}

/** The envelope of a document that satisfies envelopeSchema; refuses MALFORMED base64. */
export function parseEnvelopeDocument({ payload, signatures }: z.output<typeof envelopeSchema>): Envelope {
  return {
    payload: parseBase64(payload, 'envelope payload'),
    signature: parseBase64(signatures[0].sig, 'envelope signature'),
  };
}

/** The envelope as canonical JSON. */
export function encodeEnvelope(envelope: Envelope): Bytes {
  return toCanonicalBytes(toEnvelopeDocument(envelope));
}

/** Parses what encodeEnvelope writes, up to 32 MiB; refuses MALFORMED anything else, also a second signature. */
export function parseEnvelope(bytes: Bytes): Envelope {
  const parsed = envelopeSchema.safeParse(parseCanonicalJson(bytes, 'envelope', MAX_ENVELOPE_BYTES));
  refuseUnless(parsed.success, 'MALFORMED', 'envelope: not an in-toto envelope with exactly one signature');
  return parseEnvelopeDocument(parsed.data);
}
