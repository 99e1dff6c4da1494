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

const envelopeSchema = z.strictObject({
  payload: z.string(),
  payloadType: z.literal(IN_TOTO_PAYLOAD_TYPE),
  signatures: z.tuple([z.strictObject({ sig: z.string() })]),
});

/** PAE(type, body), the bytes that are signed: "DSSEv1", lengths and contents, separated by spaces. */
export function toPae(payloadType: string, payload: Bytes): Bytes {
  const type = utf8(payloadType);
  return concat(utf8(`DSSEv1 ${type.length} `), type, utf8(` ${payload.length} `), payload);
}

/** The envelope as canonical JSON with standard base64. */
export function encodeEnvelope({ payload, signature }: Envelope): Bytes {
  return toCanonicalBytes({
    payload: encodeBase64(payload),
    payloadType: IN_TOTO_PAYLOAD_TYPE,
    signatures: [{ sig: encodeBase64(signature) }],
  });
}

/** Parses what encodeEnvelope writes, up to 32 MiB; refuses MALFORMED anything else, also a second signature. */
export function parseEnvelope(bytes: Bytes): Envelope {
  const parsed = envelopeSchema.safeParse(parseCanonicalJson(bytes, 'envelope', MAX_ENVELOPE_BYTES));
  refuseUnless(parsed.success, 'MALFORMED', 'envelope: not an in-toto envelope with exactly one signature');
  return {
    payload: parseBase64(parsed.data.payload, 'envelope payload'),
    signature: parseBase64(parsed.data.signatures[0].sig, 'envelope signature'),
  };
}
