// A log that grows, and one that forks off it at entry 3, as a witness is shown them.
import { utf8, type Bytes } from '@blindsum/proto';
import { createEd25519Signer } from '@blindsum/proto/node';
import {
  consistencyProof,
  createNoteKey,
  encodeAddCheckpoint,
  hashLeaf,
  merkleRoot,
  parseNote,
  signCheckpoint,
} from '@blindsum/proto/tlog';

export const ORIGIN = 'log.example.org';
const signer = createEd25519Signer(new Uint8Array(32).fill(7));
export const LOG_KEY = createNoteKey(ORIGIN, signer.publicKey);

const TRUNK = Array.from({ length: 300 }, (_, i) => hashLeaf(utf8(`entry ${i}`)));
const FORK = TRUNK.map((leaf, i) => (i >= 3 ? hashLeaf(utf8(`other ${i}`)) : leaf));

/** The log's checkpoint of `size` entries; of the forked tree if `fork` is set. */
export function checkpointOf(size: number, fork = false): string {
  const root = merkleRoot((fork ? FORK : TRUNK).slice(0, size));
  return signCheckpoint({ origin: ORIGIN, size: BigInt(size), root }, LOG_KEY, signer.sign);
}

/** A request to cosign `size` entries after `old` of them, with its proof. */
export function requestOf(old: number, size: number, fork = false): Bytes {
  const proof = old > size ? [] : consistencyProof((fork ? FORK : TRUNK).slice(0, size), old);
  return encodeAddCheckpoint({
    oldSize: BigInt(old),
    proof,
    note: parseNote(utf8(checkpointOf(size, fork))),
  });
}
