// The files of a job's author: a key that stays where the author is, and the public half that manifests are made with.
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import {
  authorSchema,
  describeIssues,
  parseHex,
  parseHostileJson,
  parseUtf8,
  Refusal,
  toHex,
  type Author,
  type Sign,
} from '@blindsum/proto';
import { createEd25519Signer, toSystemFault } from '@blindsum/proto/node';

const SEED_BYTES = 32;
const MAX_FILE_BYTES = 4096;

const keyFormat = z.strictObject({
  format: z.literal('blindsum-author-key/v1'),
  name: authorSchema.shape.name,
  /** Seed of the Ed25519 key. */
  seed: z.string().regex(/^[0-9a-f]{64}$/, 'expected 32 bytes in hexadecimal'),
});
const publicFormat = z.strictObject({ format: z.literal('blindsum-author/v1'), ...authorSchema.shape });

/** An author who can sign. The seed stays inside. */
export interface SigningAuthor {
  readonly author: Author;
  readonly sign: Sign;
}

/** Makes a key: `path`, for its owner alone, and `path`.pub. Refuses CONFIG_INVALID where a file is in the way, and a bad name. */
export async function createAuthorKey(path: string, name: string): Promise<Author> {
  const key = parse(
    keyFormat,
    { format: 'blindsum-author-key/v1', name, seed: toHex(randomBytes(SEED_BYTES)) },
    path,
  );
  const { author } = toSigningAuthor(key);
  await writeNew(path, key, 0o600);
  await writeNew(publicPath(path), { format: 'blindsum-author/v1', ...author }, 0o644);
  return author;
}

/** Where the public half of a key file lies. */
export function publicPath(path: string): string {
  return `${path}.pub`;
}

/** Refuses CONFIG_INVALID, or MALFORMED for what is no JSON; nothing of the file's content is in the message. */
export async function loadAuthorKey(path: string): Promise<SigningAuthor> {
  return toSigningAuthor(parse(keyFormat, await readJson(path), path));
}

/** The public half; refuses as loadAuthorKey does. */
export async function loadAuthor(path: string): Promise<Author> {
  const { name, key } = parse(publicFormat, await readJson(path), path);
  return { name, key };
}

function toSigningAuthor({ name, seed }: z.output<typeof keyFormat>): SigningAuthor {
  const { publicKey, sign } = createEd25519Signer(parseHex(seed, SEED_BYTES, 'seed'));
  return { author: { name, key: toHex(publicKey) }, sign };
}

async function writeNew(path: string, value: object, mode: number): Promise<void> {
  try {
    await writeFile(path, `${JSON.stringify(value, null, 2)}\n`, { mode, flag: 'wx' });
  } catch (cause) {
    throw unusable(path, 'written', cause);
  }
}

async function readJson(path: string): Promise<unknown> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw unusable(path, 'read', cause);
  });
  if (bytes.length > MAX_FILE_BYTES) throw new Refusal('CONFIG_INVALID', `${path}: too long`);
  return parseHostileJson(parseUtf8(bytes, path), path);
}

function parse<T>(format: z.ZodType<T>, value: unknown, path: string): T {
  const parsed = format.safeParse(value);
  if (!parsed.success) throw new Refusal('CONFIG_INVALID', `${path}: ${describeIssues(parsed.error)}`);
  return parsed.data;
}

function unusable(path: string, what: 'read' | 'written', cause: unknown): Refusal {
  return new Refusal('CONFIG_INVALID', `${path}: cannot be ${what} (${toSystemFault(cause)})`, { cause });
}
