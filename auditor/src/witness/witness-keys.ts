// The two keys of a witness: Ed25519, which every verifier knows, and ML-DSA-44, which no quantum computer forges.
import { randomBytes } from 'node:crypto';
import { isEqualBytes, Refusal, refuseUnless, type Bytes, type Sign } from '@blindsum/proto';
import { createEd25519Signer } from '@blindsum/proto/node';
import {
  COSIGNER_TYPES,
  createMlDsa44Signer,
  createNoteKey,
  encodeSkey,
  isNoteName,
  parseSkey,
  type NoteKey,
  type NoteKeyType,
} from '@blindsum/proto/tlog';
import type { WitnessStore } from './witness-store.ts';

/** A key that cosigns. The secret stays inside the function. */
export interface Cosigner {
  readonly key: NoteKey;
  readonly sign: Sign;
}

/** The keys of the witness named `name`, made on first use. Refuses CONFIG_INVALID for no name, or another one than before. */
export function openCosigners(store: WitnessStore, name: string): Cosigner[] {
  refuseUnless(isNoteName(name), 'CONFIG_INVALID', `a witness cannot be named ${JSON.stringify(name)}`);
  return COSIGNER_TYPES.map((type) => {
    const secret = store.keyOf(type, () => createSkey(name, type));
    const { name: named, keyId, seed } = parseSkey(secret, [type]);
    refuseUnless(named === name, 'CONFIG_INVALID', `this is the witness ${named}, not ${name}`);
    const cosigner = toCosigner(name, type, seed);
    if (!isEqualBytes(cosigner.key.keyId, keyId))
      throw new Refusal('CONFIG_INVALID', `the ${type} key of ${name} was changed`);
    return cosigner;
  });
}

function createSkey(name: string, type: NoteKeyType): string {
  const seed = new Uint8Array(randomBytes(32));
  return encodeSkey(toCosigner(name, type, seed).key, seed);
}

function toCosigner(name: string, type: NoteKeyType, seed: Bytes): Cosigner {
  const signer = type === 'ml-dsa-44-cosignature' ? createMlDsa44Signer(seed) : createEd25519Signer(seed);
  return { key: createNoteKey(name, signer.publicKey, type), sign: signer.sign };
}
