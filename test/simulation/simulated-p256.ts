// Signatures of records that cost one hash, in the form of real ones: whoever knows the public key can make them, and nobody here
// forges any. That real ones are checked is tested where nothing is simulated.
import { createPublicKey, type KeyObject } from 'node:crypto';
import type { P256Signer } from '@blindsum/proto/node';
import { concatBytes, sha256 } from './platform-bytes.ts';

type Bytes = Uint8Array<ArrayBuffer>;

// DER: a sequence of two positive integers of 32 bytes.
const SEQUENCE = Uint8Array.of(0x30, 0x44);
const INTEGER = Uint8Array.of(0x02, 0x20);

export function createP256Signer(privateKey: KeyObject): P256Signer {
  const publicKeySpki = new Uint8Array(createPublicKey(privateKey).export({ format: 'der', type: 'spki' }));
  return { publicKeySpki, sign: (message) => signatureOf(publicKeySpki, message as Bytes) };
}

export function verifyP256(publicKeySpki: Bytes, message: Bytes, signature: Bytes): boolean {
  return Buffer.compare(signatureOf(publicKeySpki, message), signature) === 0;
}

function signatureOf(publicKeySpki: Bytes, message: Bytes): Bytes {
  const half = sha256(concatBytes(publicKeySpki, message));
  half[0] = (half[0]! & 0x3f) | 0x40;
  return concatBytes(SEQUENCE, INTEGER, half, INTEGER, half);
}
