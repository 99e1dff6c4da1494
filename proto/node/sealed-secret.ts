// A secret under a passphrase, as a small file: scrypt (RFC 7914) stretches the passphrase, AES-256-GCM seals. The parameters are in
// the file, within bounds: a file that somebody else wrote cannot make this program take gigabytes or hours.
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';
import { z } from 'zod';
import { parseHex, toHex, utf8, type Bytes } from '../src/bytes.ts';
import { parseCanonicalJson, toCanonicalBytes } from '../src/canonical-json.ts';
import { Refusal } from '../src/refusal.ts';

const FORMAT = 'blindsum-sealed-secret/v1';
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const MAX_FILE_BYTES = 16 << 10;
/** 128 MiB and a third of a second for each guess. */
const COST_LOG2 = 17;
const BLOCK_SIZE = 8;

const hexOf = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`));
const sealedFormat = z.strictObject({
  format: z.literal(FORMAT),
  /** log2 of scrypt's N, with r = 8 and p = 1: 16 to 256 MiB. */
  costLog2: z.int().min(14).max(18),
  salt: hexOf(SALT_BYTES),
  nonce: hexOf(NONCE_BYTES),
  /** With its tag. */
  ciphertext: z.string().regex(/^(?:[0-9a-f]{2}){17,4096}$/),
});

export type SealedSecret = z.output<typeof sealedFormat>;

/** Whether a file is one of these. */
export function isSealedSecret(bytes: Bytes): boolean {
  return bytes[0] === 0x7b;
}

/** `secret` for the file named `name`, under which alone it opens again. */
export function sealSecret(name: string, secret: Bytes, passphrase: string): Bytes {
  const [salt, nonce] = [randomBytes(SALT_BYTES), randomBytes(NONCE_BYTES)];
  const head = { format: FORMAT, costLog2: COST_LOG2, salt: toHex(salt), nonce: toHex(nonce) } as const;
  const cipher = createCipheriv('aes-256-gcm', stretch(passphrase, head), nonce);
  cipher.setAAD(associated(name, head));
  const sealed = Buffer.concat([cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
  return toCanonicalBytes({ ...head, ciphertext: sealed.toString('hex') });
}

/** The secret; refuses MALFORMED for what is no such file, and CONFIG_INVALID for another passphrase, name or a changed file. */
export function openSecret(name: string, bytes: Bytes, passphrase: string): Bytes {
  const sealed = parseSealedSecret(name, bytes);
  const ciphertext = Buffer.from(sealed.ciphertext, 'hex');
  const nonce = parseHex(sealed.nonce, NONCE_BYTES, 'nonce');
  const decipher = createDecipheriv('aes-256-gcm', stretch(passphrase, sealed), nonce);
  decipher.setAAD(associated(name, sealed));
  decipher.setAuthTag(ciphertext.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(ciphertext.subarray(0, -TAG_BYTES)), decipher.final()]);
  } catch {
    throw new Refusal('CONFIG_INVALID', `${name}: does not open with this passphrase, or was changed`);
  }
}

/** What a file holds, before any work is done for it; refuses MALFORMED. `name` is what refusals call it. */
export function parseSealedSecret(name: string, bytes: Bytes): SealedSecret {
  const parsed = sealedFormat.safeParse(parseCanonicalJson(bytes, name, MAX_FILE_BYTES));
  if (!parsed.success) throw new Refusal('MALFORMED', `${name}: not a sealed secret`);
  return parsed.data;
}

function stretch(passphrase: string, { costLog2, salt }: Pick<SealedSecret, 'costLog2' | 'salt'>): Buffer {
  const cost = 2 ** costLog2;
  const options = { N: cost, r: BLOCK_SIZE, p: 1, maxmem: 129 * BLOCK_SIZE * cost + (1 << 20) };
  return scryptSync(passphrase.normalize('NFC'), parseHex(salt, SALT_BYTES, 'salt'), KEY_BYTES, options);
}

function associated(
  name: string,
  { format, costLog2, salt, nonce }: Omit<SealedSecret, 'ciphertext'>,
): Bytes {
  return utf8(`${format}\0${name}\0${costLog2}\0${salt}\0${nonce}`);
}
