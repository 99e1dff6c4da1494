// The key file of a job's author, as `blindsum-coordinator author keygen` writes it. It is read in the browser and leaves it nowhere.
import {
  concat,
  parseHex,
  parseHostileJson,
  parseUtf8,
  Refusal,
  refuseUnless,
  type Bytes,
} from '@blindsum/proto';

export interface AuthorKey {
  readonly name: string;
  /** Seed of the Ed25519 key, 32 bytes. */
  readonly seed: Bytes;
}

const MAX_FILE_BYTES = 4096;
const SEED_BYTES = 32;
/** RFC 8410: what stands before the seed in an Ed25519 key's PKCS #8 form. */
const PKCS8_PREFIX = '302e020100300506032b657004220420';

/** Refuses MALFORMED; nothing of the file's content is in the message. */
export function parseAuthorKey(bytes: Bytes): AuthorKey {
  refuseUnless(bytes.length <= MAX_FILE_BYTES, 'MALFORMED', 'this is no key file: it is too long');
  const value = parseHostileJson(parseUtf8(bytes, 'key file'), 'key file') as Record<string, unknown> | null;
  const { format, name, seed } = value ?? {};
  refuseUnless(
    format !== 'blindsum-author/v1',
    'MALFORMED',
    'this is the public half of a key: choose the file without .pub',
  );
  const isKey = format === 'blindsum-author-key/v1' && typeof name === 'string' && typeof seed === 'string';
  if (!isKey) throw new Refusal('MALFORMED', 'this is no author’s key file');
  return { name, seed: parseHex(seed, SEED_BYTES, 'seed') };
}

/** The key in the form in which browsers take it. */
export function toPkcs8({ seed }: AuthorKey): Bytes {
  return concat(parseHex(PKCS8_PREFIX, PKCS8_PREFIX.length / 2, 'prefix'), seed);
}
