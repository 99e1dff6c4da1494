// What each kind of record says (AUDIT.md section 3). Unknown keys are refused. Members are named by pseudonym: no record
// holds a site's name, its example count, or the hash of anything that it did not send as ciphertext.
import { z } from 'zod';
import { digestSchema, federationSchema, jobIdSchema } from '../identifiers.ts';
import { REVOCATION_REASONS } from './revocation-reasons.ts';
import { MAX_SITES } from '../parameter-set.ts';
import { cosigningSchema } from './cosigning-rule.ts';

const base64Schema = z.base64();
const roundSchema = z.int().min(0).max(1_000_000);
const attemptSchema = z.int().min(1).max(1024);
const countSchema = z.int().min(0).max(MAX_SITES);
const signatureSchema = z
  .string()
  .regex(/^[0-9a-f]{128}$/, 'a signature is 64 bytes in lower-case hexadecimal');
const residueSchema = z.string().regex(/^[0-9a-f]{16}$/, 'a residue is 16 lower-case hexadecimal digits');
const reasonSchema = z.string().min(1).max(200);
const listOf = <T extends z.ZodType>(schema: T) => z.array(schema).max(MAX_SITES);

/** A message as its sender signed it: the exact payload in base64, and the Ed25519 signature. */
const signedSchema = z.strictObject({
  member: digestSchema,
  payload: base64Schema,
  signature: signatureSchema,
});
const excludedSchema = listOf(z.strictObject({ member: digestSchema, reason: reasonSchema }));
const roundNameSchema = z.strictObject({ job: jobIdSchema, round: roundSchema, attempt: attemptSchema });

/** The first entry of a log: whose it is, the key that signs its records, and who must have cosigned its checkpoints. */
const charterSchema = z.strictObject({
  federation: federationSchema,
  origin: federationSchema,
  protocol: z.literal('blindsum/v1'),
  parameterSet: z.literal('bs1'),
  /** SubjectPublicKeyInfo of the P-256 key, DER in base64. */
  recordKey: base64Schema,
  /** Absent in logs that were founded before it was written down: these do not say it before their first amendment. */
  cosigning: cosigningSchema.exactOptional(),
});

/** Who must have cosigned from this record on, its own checkpoint included. */
const charterAmendmentSchema = z.strictObject({
  federation: federationSchema,
  /** Counted from 1, without a gap. */
  number: z.int().min(1),
  /** Digest of the record that it amends: of the amendment before, or of the charter. */
  previousRecord: digestSchema,
  cosigning: cosigningSchema,
});

/** An adopted version of the roster (PROTOCOL.md section 3), whose hash can be computed from it. */
const rosterSchema = z.strictObject({
  federation: federationSchema,
  version: z.int().min(1),
  /** Hash of the version before; empty for the first. */
  previous: z.union([digestSchema, z.literal('')]),
  rosterHash: digestSchema,
  /** In roster order. */
  members: listOf(
    z.strictObject({
      index: z.int().min(1).max(MAX_SITES),
      member: digestSchema,
      /** Binds the member's name as well; its first 20 bytes are the fingerprint that people compare. */
      memberDigest: digestSchema,
      /** Ed25519 public key. */
      signingKey: digestSchema,
      /** SHA-256 of the X-Wing public key. */
      sharingKeyHash: digestSchema,
    }),
  ),
  /** `member` names the key that signed: of the version before, or of this one. */
  approvals: z.array(signedSchema).max(2 * MAX_SITES),
});

const manifestSchema = z.strictObject({
  job: jobIdSchema,
  manifestHash: digestSchema,
  rosterHash: digestSchema,
  /** Pseudonym of the author's key, and its signature over the manifest. */
  author: digestSchema,
  authorSignature: signatureSchema,
  consents: listOf(signedSchema),
});

/** A member that consented after the job had started; logged before the first round that counts it in. */
const consentSchema = z.strictObject({
  job: jobIdSchema,
  manifestHash: digestSchema,
  rosterHash: digestSchema,
  consent: signedSchema,
});

/** A member that takes its consent back; logged before the first round that does not count it. */
const withdrawalSchema = z.strictObject({
  job: jobIdSchema,
  manifestHash: digestSchema,
  withdrawal: signedSchema,
});

/** Published before anything of the set is opened. */
const roundSealedSchema = z.strictObject({
  ...roundNameSchema.shape,
  setAttempt: attemptSchema,
  context: digestSchema,
  /** Of the roster that the round goes by. */
  rosterHash: digestSchema,
  setRoot: digestSchema,
  members: listOf(digestSchema),
  excluded: excludedSchema,
});

const checksumSchema = z.strictObject({
  /** Whose ciphertext was summed up. */
  member: digestSchema,
  /** Who signed; differs from `member` exactly when `proxy` is true. */
  signer: digestSchema,
  proxy: z.boolean(),
  /** One residue mod q per repetition. */
  values: z.tuple([residueSchema, residueSchema]),
  payload: base64Schema,
  signature: signatureSchema,
});

const roundResultSchema = z.strictObject({
  ...roundNameSchema.shape,
  kind: z.enum(['statistics', 'training', 'evaluation']),
  context: digestSchema,
  manifestHash: digestSchema,
  rosterHash: digestSchema,
  baseModelHash: digestSchema,
  /** Digest of the job's record of the round before; empty for the first. */
  previousRecord: z.union([digestSchema, z.literal('')]),
  counts: z.strictObject({ roster: countSchema, committed: countSchema, sealed: countSchema }),
  threshold: countSchema,
  excluded: excludedSchema,
  setRoot: digestSchema,
  setSize: countSchema,
  sumRoot: digestSchema,
  sumBytes: z.int().min(0),
  checksums: listOf(checksumSchema),
  commitments: listOf(signedSchema),
  modelHash: digestSchema,
  attestations: listOf(signedSchema),
  /** Whole numbers over all contributors. */
  metrics: z.record(z.string().regex(/^[a-zA-Z][a-zA-Z0-9]{0,39}$/), z.int()),
  parameterSet: z.literal('bs1'),
  coordinatorVersion: z.string().min(1).max(100),
});

/** A round that failed, and whom it missed. */
const incidentSchema = z.strictObject({
  ...roundNameSchema.shape,
  context: digestSchema,
  rosterHash: digestSchema,
  reason: reasonSchema,
  excluded: excludedSchema,
});

const certificateShape = {
  member: digestSchema,
  /** SHA-256 of the certificate's DER form. */
  certificate: digestSchema,
  /** Its end, in milliseconds since 1970. */
  notAfter: z.int().min(0),
};

/** A TLS certificate of a member: the first one, the next ones, and those that count no more before their end. */
const certificateSchema = z.discriminatedUnion('event', [
  z.strictObject({ event: z.literal('issued'), ...certificateShape }),
  z.strictObject({ event: z.literal('renewed'), ...certificateShape }),
  z.strictObject({ event: z.literal('revoked'), ...certificateShape, reason: z.enum(REVOCATION_REASONS) }),
]);
/** A range of the trail of administrative actions, whose entries are not public. */
const administrationSchema = z
  .strictObject({
    /** First and last entry, counted from 1. */
    from: z.int().min(1),
    to: z.int().min(1),
    count: z.int().min(1),
    /** RFC 6962 root over the entries' bytes. */
    root: digestSchema,
    /** Digest of the record of the range before; empty for the first. */
    previousRecord: z.union([digestSchema, z.literal('')]),
  })
  .refine(({ from, to, count }) => count === to - from + 1, 'count is not that of from to to');

/** A model that was made public, because enough members of its round's roster voted for that. */
const releaseSchema = z.strictObject({
  job: jobIdSchema,
  round: roundSchema,
  manifestHash: digestSchema,
  rosterHash: digestSchema,
  modelHash: digestSchema,
  /** SHA-256 of the file of the model, whose encoding `modelHash` is of. */
  fileDigest: digestSchema,
  /** Votes that were needed: the threshold of the round. */
  threshold: countSchema,
  votes: listOf(signedSchema),
});

/** Kinds of record whose bodies may be erased: what the log itself rests on stays. */
export const ERASABLE_KINDS = [
  'manifest',
  'consent',
  'withdrawal',
  'round-sealed',
  'round',
  'incident',
  'certificate',
] as const;
export type ErasableKind = (typeof ERASABLE_KINDS)[number];

/** The body of a record is erased; its entry, with its hash, stays. Logged before the body is removed. */
const redactionSchema = z.strictObject({
  /** Digest of the record. */
  record: digestSchema,
  kind: z.enum(ERASABLE_KINDS),
  /** The job that it was about; empty for none. */
  job: z.union([jobIdSchema, z.literal('')]),
  /** Digest of its name (toNameDigest), which no other record may have. */
  name: digestSchema,
  reason: reasonSchema,
});

/** A timestamp (RFC 3161) of the tree of that size: when it existed at the latest, in the words of an authority elsewhere. */
const anchorSchema = z.strictObject({
  size: z.int().min(1),
  /** Of the tree, in hexadecimal. */
  root: digestSchema,
  /** SHA-256 of the response of the authority, which lies beside the log. */
  token: digestSchema,
});

/** The schema of the predicate of each kind of record. */
export const PREDICATES = {
  charter: charterSchema,
  'charter-amendment': charterAmendmentSchema,
  roster: rosterSchema,
  manifest: manifestSchema,
  consent: consentSchema,
  withdrawal: withdrawalSchema,
  'round-sealed': roundSealedSchema,
  round: roundResultSchema,
  incident: incidentSchema,
  certificate: certificateSchema,
  administration: administrationSchema,
  release: releaseSchema,
  redaction: redactionSchema,
  anchor: anchorSchema,
} as const;

export type RecordKind = keyof typeof PREDICATES;
/** The content of a record of kind `K`. */
export type Predicate<K extends RecordKind> = z.output<(typeof PREDICATES)[K]>;
