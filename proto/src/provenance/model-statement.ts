// OpenSSF Model Signing v1.0: a statement that lists the files of a model. Signed, and in a Sigstore bundle, it is the file
// `model.sig`, which tools for model signing verify with the key alone.
import { z } from 'zod';
import { parseHex, toHex, type Bytes } from '../bytes.ts';
import { parseCanonicalJson, toCanonicalBytes } from '../canonical-json.ts';
import { DIGEST_BYTES, sha256 } from '../digest.ts';
import { digestSchema, type Digest } from '../identifiers.ts';
import { Refusal, refuseUnless } from '../refusal.ts';
import { describeIssues } from '../describe-issues.ts';
import type { Envelope } from '../tlog/dsse.ts';
import { toKeyHint } from './key-hint.ts';
import { encodeBundle } from './sigstore-bundle.ts';

/** The name under which the bundle lies beside the model's files. */
export const MODEL_SIGNATURE_FILE = 'model.sig';

const MAX_FILES = 1000;
/** Not part of a model: what version control keeps beside it, and the bundle itself. */
const IGNORED = ['.git', '.gitattributes', '.github', '.gitignore', MODEL_SIGNATURE_FILE];
// Paths of one spelling: the order of their characters is the same in UTF-16, UTF-8 and ASCII.
const PART = '[A-Za-z0-9_][A-Za-z0-9._-]*';
const nameSchema = z
  .string()
  .max(200)
  .regex(new RegExp(`^${PART}(?:/${PART})*$`), 'expected a relative path');

const resourceSchema = z.strictObject({
  algorithm: z.literal('sha256'),
  digest: digestSchema,
  name: nameSchema,
});

const statementSchema = z.strictObject({
  _type: z.literal('https://in-toto.io/Statement/v1'),
  predicate: z.strictObject({
    resources: z.array(resourceSchema).min(1).max(MAX_FILES),
    serialization: z.strictObject({
      allow_symlinks: z.literal(false),
      hash_type: z.literal('sha256'),
      ignore_paths: z.array(z.string().max(200)).max(100),
      method: z.literal('files'),
    }),
  }),
  predicateType: z.literal('https://model_signing/signature/v1.0'),
  subject: z.tuple([z.strictObject({ digest: z.strictObject({ sha256: digestSchema }), name: nameSchema })]),
});

/** A file of a model. */
export interface ModelFile {
  /** Relative to the model's folder: parts of a-z, A-Z, 0-9, `.`, `_` and `-`, none of which begins with a dot. */
  readonly name: string;
  /** SHA-256 of its bytes. */
  readonly digest: Digest;
}

/** The files of a model. */
export interface ModelStatement {
  /** Name of the model's folder. */
  readonly name: string;
  /** 1 to 1000 of them, in the order of their names, each once. */
  readonly files: readonly ModelFile[];
}

/**
 * The statement's canonical JSON, which is the payload of the envelope; the files in any order. Throws a Refusal for names that
 * parseModelStatement refuses.
 */
export function encodeModelStatement({ name, files }: ModelStatement): Bytes {
  const sorted = files.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const payload = toCanonicalBytes({
    _type: 'https://in-toto.io/Statement/v1',
    predicate: {
      resources: sorted.map((file) => ({ algorithm: 'sha256', digest: file.digest, name: file.name })),
      serialization: { allow_symlinks: false, hash_type: 'sha256', ignore_paths: IGNORED, method: 'files' },
    },
    predicateType: 'https://model_signing/signature/v1.0',
    subject: [{ digest: { sha256: modelRoot(sorted) }, name }],
  });
  parseModelStatement(payload);
  return payload;
}

/** Parses what encodeModelStatement writes; refuses MALFORMED, also for a root that is not that of the files. */
export function parseModelStatement(payload: Bytes): ModelStatement {
  const parsed = statementSchema.safeParse(parseCanonicalJson(payload, 'model statement'));
  if (!parsed.success) throw new Refusal('MALFORMED', `model statement: ${describeIssues(parsed.error)}`);
  const { predicate, subject } = parsed.data;
  const files = predicate.resources.map(({ name, digest }) => ({ name, digest }));
  const isSorted = files.every(({ name }, i) => i === 0 || files[i - 1]!.name < name);
  refuseUnless(isSorted, 'MALFORMED', 'model statement: the files are not in order, or one is there twice');
  const isRoot = subject[0].digest.sha256 === modelRoot(files);
  refuseUnless(isRoot, 'MALFORMED', 'model statement: the digest is not that of the files');
  return { name: subject[0].name, files };
}

/** SHA-256 over the digests of the files in their order (section 6.5.1), in hexadecimal. */
export function modelRoot(files: readonly Pick<ModelFile, 'digest'>[]): Digest {
  return toHex(sha256(...files.map(({ digest }) => parseHex(digest, DIGEST_BYTES, 'file digest')))) as Digest;
}

/** Refuses MODEL_MISMATCH unless `files` are those of the statement: none is missing, changed, or there besides. */
export function verifyModelFiles({ files }: ModelStatement, found: readonly ModelFile[]): void {
  const stated = new Map(files.map(({ name, digest }) => [name, digest]));
  for (const { name, digest } of found)
    refuseUnless(
      stated.get(name) === digest,
      'MODEL_MISMATCH',
      `${name} was changed, or is not of the model`,
    );
  const names = new Set(found.map(({ name }) => name));
  for (const { name } of files) refuseUnless(names.has(name), 'MODEL_MISMATCH', `${name} is missing`);
}

/** The file `model.sig`: the statement, signed like a record, in a bundle of the `key` method, which is in no log. */
export function encodeModelSignature(envelope: Envelope, publicKeySpki: Bytes): Bytes {
  return encodeBundle({ keyHint: toKeyHint(publicKeySpki), envelope });
}
