// Shares sealed for one recipient (PROTOCOL.md section 4): X-Wing (ML-KEM-768 with X25519, draft-connolly-cfrg-xwing-kem), then
// HKDF-SHA-256 (RFC 5869) for key and nonce, then AES-256-GCM. sealed = X-Wing ciphertext ‖ AES-GCM ciphertext ‖ tag.
import { gcm } from '@noble/ciphers/aes.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 as hash } from '@noble/hashes/sha2.js';
import { ml_kem768_x25519 as xwing } from '@noble/post-quantum/hybrid.js';
import { concat, toUint32Bytes, utf8, type Bytes } from './bytes.ts';
import { DIGEST_BYTES, sha256 } from './digest.ts';
import { SHARE_BYTES } from './parameter-set.ts';
import { Refusal, refuseUnless } from './refusal.ts';

export const SHARING_SEED_BYTES = 32;
export const SHARING_PUBLIC_KEY_BYTES = 1216;
/** What sealing adds to the plaintext: the X-Wing ciphertext and the AES-GCM tag. */
export const SEAL_OVERHEAD_BYTES = 1120 + 16;
export const SEALED_SHARE_BYTES = SHARE_BYTES + SEAL_OVERHEAD_BYTES;
/** Fresh random bytes for one call of `seal`. */
export const SEAL_RANDOM_BYTES = 64;

const KEM_CIPHERTEXT_BYTES = 1120;
const AES_KEY_BYTES = 32;
const NONCE_BYTES = 12;

export interface SharingKey {
  /** SHARING_PUBLIC_KEY_BYTES bytes. */
  readonly publicKey: Bytes;
  /** 32 bytes: the X-Wing seed. */
  readonly secretKey: Bytes;
}

/** What a sealed share is bound to; it opens only under exactly the same. */
export interface SealBinding {
  /** A dealer's share of its key, a holder's share of the key sum, or the content key of a checkpoint. */
  readonly purpose: 'share' | 'opening' | 'checkpoint';
  /** Context digest of the round, 32 bytes. */
  readonly context: Bytes;
  /** Roster index of the site that seals, 1..MAX_SITES. */
  readonly dealer: number;
  /** Roster index of the site that opens; 0 for the coordinator. */
  readonly recipient: number;
  /**
   * 32 bytes: of a share, the root of the dealer's ciphertext; of an opening, the root of the contributor set; of a
   * checkpoint, the hash of the model.
   */
  readonly ciphertextRoot: Bytes;
}

/** The algorithms behind a sealed share, by any implementation of the same results. */
export interface SealingCiphers {
  /** X-Wing. Both throw for bytes that are not a public key, or not a ciphertext. */
  readonly kem: {
    /** `random` is SEAL_RANDOM_BYTES bytes. */
    encapsulate(
      publicKey: Bytes,
      random: Bytes,
    ): { readonly cipherText: Bytes; readonly sharedSecret: Bytes };
    decapsulate(cipherText: Bytes, secretKey: Bytes): Bytes;
  };
  /** AES-256-GCM with the tag at the end; `decrypt` throws for a tag that does not fit. */
  readonly gcm: (
    key: Bytes,
    nonce: Bytes,
    associatedData: Bytes,
  ) => { encrypt(plaintext: Bytes): Bytes; decrypt(ciphertext: Bytes): Bytes };
}

/** Runs anywhere; proto/node has a faster one. */
export const nobleCiphers: SealingCiphers = { kem: xwing, gcm };

/** The X-Wing key pair of a seed of 32 secret random bytes. */
export function generateSharingKey(seed: Bytes): SharingKey {
  requireLength(seed, SHARING_SEED_BYTES, 'sharing key seed');
  const { publicKey, secretKey } = xwing.keygen(seed);
  return { publicKey, secretKey };
}

/** Encodes a binding: domain and purpose, a zero byte, then fields of fixed length. */
export function shareAssociatedData(binding: SealBinding): Bytes {
  const { purpose, context, dealer, recipient, ciphertextRoot } = binding;
  requireLength(context, DIGEST_BYTES, 'context');
  requireLength(ciphertextRoot, DIGEST_BYTES, 'ciphertext root');
  const domain = utf8(`blindsum/v1/${purpose}\0`);
  return concat(domain, context, toUint32Bytes(dealer), toUint32Bytes(recipient), ciphertextRoot);
}

/**
 * Seals `plaintext` for the holder of `recipient`, bound to `associatedData`; SEAL_OVERHEAD_BYTES longer than the plaintext.
 * `random` is SEAL_RANDOM_BYTES fresh secret bytes, which determine the result. Refuses MALFORMED an invalid public key.
 */
export function seal(
  message: {
    readonly recipient: Bytes;
    readonly plaintext: Bytes;
    readonly associatedData: Bytes;
    readonly random: Bytes;
  },
  ciphers = nobleCiphers,
): Bytes {
  const { recipient, plaintext, associatedData, random } = message;
  requireLength(random, SEAL_RANDOM_BYTES, 'sealing randomness');
  const { cipherText, sharedSecret } = encapsulate(ciphers, recipient, random);
  const cipher = createCipher(ciphers, { sharedSecret, kemCiphertext: cipherText, associatedData });
  return concat(cipherText, cipher.encrypt(plaintext));
}

/** Opens what `seal` made; refuses BAD_SHARE anything else: cut, changed, for another recipient or bound to other data. */
export function open(
  message: { readonly secretKey: Bytes; readonly sealed: Bytes; readonly associatedData: Bytes },
  ciphers = nobleCiphers,
): Bytes {
  const { secretKey, sealed, associatedData } = message;
  requireLength(secretKey, SHARING_SEED_BYTES, 'sharing secret key');
  refuseUnless(
    sealed.length >= SEAL_OVERHEAD_BYTES,
    'BAD_SHARE',
    `sealed share of only ${sealed.length} bytes`,
  );
  const kemCiphertext = sealed.subarray(0, KEM_CIPHERTEXT_BYTES);
  try {
    const sharedSecret = ciphers.kem.decapsulate(kemCiphertext, secretKey);
    const cipher = createCipher(ciphers, { sharedSecret, kemCiphertext, associatedData });
    return cipher.decrypt(sealed.subarray(KEM_CIPHERTEXT_BYTES));
  } catch (cause) {
    throw new Refusal('BAD_SHARE', 'sealed share does not open', { cause });
  }
}

/** Key and nonce are used once: they depend on the fresh shared secret. Erases the secret. */
function createCipher(
  ciphers: SealingCiphers,
  parts: { readonly sharedSecret: Bytes; readonly kemCiphertext: Bytes; readonly associatedData: Bytes },
): ReturnType<SealingCiphers['gcm']> {
  const { sharedSecret, kemCiphertext, associatedData } = parts;
  const info = concat(utf8('blindsum/v1/seal'), sha256(associatedData));
  const material = hkdf(hash, sharedSecret, kemCiphertext, info, AES_KEY_BYTES + NONCE_BYTES);
  sharedSecret.fill(0);
  const nonce = material.subarray(AES_KEY_BYTES);
  return ciphers.gcm(material.subarray(0, AES_KEY_BYTES), nonce, associatedData);
}

function encapsulate({ kem }: SealingCiphers, recipient: Bytes, random: Bytes) {
  try {
    return kem.encapsulate(recipient, random);
  } catch (cause) {
    throw new Refusal('MALFORMED', "the recipient's sharing key is not an X-Wing public key", { cause });
  }
}

function requireLength(bytes: Bytes, length: number, what: string): void {
  if (bytes.length !== length) throw new TypeError(`${what}: ${length} bytes expected, not ${bytes.length}`);
}
