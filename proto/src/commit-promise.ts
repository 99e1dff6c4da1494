// What the coordinator owes a site for its commitment: the log's promise that the record of the attempt's end will have it, or say
// why not. Kept by the site, it proves a commitment that was dropped in silence (PROTOCOL.md section 9).
import { z } from 'zod';
import { concat, utf8, type Bytes } from './bytes.ts';
import { parseCanonicalJson, toCanonicalBytes } from './canonical-json.ts';
import { describeIssues } from './describe-issues.ts';
import { digestSchema, federationSchema, jobIdSchema, pseudonymSchema } from './identifiers.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import { SIGNATURE_BYTES, type Sign, type SignedMessage, type VerifySignature } from './signed-message.ts';

const TYPE = 'commit-promise';
// A checkpoint, which the same key signs, begins with the name of the log and has no zero byte.
const DOMAIN = utf8('blindsum/v1/commit-promise\0');

const promiseSchema = z.strictObject({
  type: z.literal(TYPE),
  federation: federationSchema,
  job: jobIdSchema,
  round: z.int().min(0).max(1_000_000),
  attempt: z.int().min(1).max(1024),
  /** Whose commitment it is. */
  site: pseudonymSchema,
  /** Leaf of the commitment in the contributor set. */
  commitment: digestSchema,
  /** When it was signed, in milliseconds since 1970. */
  atMs: z.int().min(0),
});

export type CommitPromise = Omit<z.output<typeof promiseSchema>, 'type'>;

/** Signs the promise with the key of the log's checkpoints. */
export function signCommitPromise(promise: CommitPromise, sign: Sign): SignedMessage {
  const payload = toCanonicalBytes({ type: TYPE, ...promise });
  return { payload, signature: sign(concat(DOMAIN, payload)) };
}

/** Parses and verifies hostile bytes by the log's key (32 bytes). Refuses MALFORMED or BAD_SIGNATURE. */
export function openCommitPromise(
  { payload, signature }: SignedMessage,
  logKey: Bytes,
  verify: VerifySignature,
): CommitPromise {
  const parsed = promiseSchema.safeParse(parseCanonicalJson(payload, TYPE));
  if (!parsed.success) throw new Refusal('MALFORMED', `${TYPE}: ${describeIssues(parsed.error)}`);
  refuseUnless(signature.length === SIGNATURE_BYTES, 'MALFORMED', `${TYPE}: signature length`);
  const isSigned = verify(logKey, concat(DOMAIN, payload), signature);
  refuseUnless(isSigned, 'BAD_SIGNATURE', `${TYPE}: not signed by the key of the log`);
  const { type: _, ...promise } = parsed.data;
  return promise;
}
