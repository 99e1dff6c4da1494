// Signatures that cost one hash: whoever knows the public key can make them, and nobody here forges any. That real ones are checked
// is tested where nothing is simulated.
import type { Ed25519Signer } from '@blindsum/proto/node';
import { concatBytes, sha256 } from './platform-bytes.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export function createEd25519Signer(seed: Bytes): Ed25519Signer {
  const publicKey = sha256(seed);
  return { publicKey, sign: (message) => signatureOf(publicKey, message as Bytes) };
}

export function verifyEd25519(publicKey: Bytes, message: Bytes, signature: Bytes): boolean {
  return Buffer.compare(signatureOf(publicKey, message), signature) === 0;
}

function signatureOf(publicKey: Bytes, message: Bytes): Bytes {
  const half = sha256(concatBytes(publicKey, message));
  return concatBytes(half, half);
}
