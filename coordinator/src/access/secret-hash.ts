// Secrets as they are kept. SHA-256 is enough: a secret is 256 random bits, so nobody can try them all, and a slow hash would only
// slow down ourselves. (A password, which people choose, would need one.)
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Digest } from '@blindsum/proto';

const SECRET_BYTES = 32;

/** 64 hexadecimal digits from the operating system's generator. */
export function createSecret(): string {
  return randomBytes(SECRET_BYTES).toString('hex');
}

export function hashSecret(secret: string): Digest {
  return createHash('sha256').update(secret).digest('hex') as Digest;
}

/** In a time that does not tell how much of it is right. */
export function isSecretOf(secret: string, hash: Digest): boolean {
  return timingSafeEqual(Buffer.from(hashSecret(secret), 'hex'), Buffer.from(hash, 'hex'));
}
