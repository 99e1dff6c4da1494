export * from './key-stream.ts';
export * from './bulk-hash.ts';
export * from './check-signature.ts';
export * from './ecdsa-p256.ts';
export * from './ed25519.ts';
export * from './sealing-ciphers.ts';
export * from './trusted-authorities.ts';
export * from './yaml-file.ts';
