// Vector V2: the published good proofs of transparency-dev/merkle, and claims made from them with the defects that the published bad
// cases are named after.
import { readFileSync } from 'node:fs';
import { parseBase64 } from '../base64.ts';
import { utf8, type Bytes } from '../bytes.ts';
import { EMPTY_ROOT, type ConsistencyClaim, type InclusionClaim } from './merkle.ts';

/** A good claim, and bad ones by their defect, which is spelled as the published case's file is. */
export interface RebuiltProof<Claim> {
  /** The published folder, as in `inclusion/1`. */
  readonly name: string;
  readonly good: Claim;
  readonly bad: Readonly<Record<string, Claim>>;
}

const { inclusion, consistency } = JSON.parse(
  readFileSync(new URL('../../../test/vectors/tlog/proofs.json', import.meta.url), 'utf8'),
) as { inclusion: Record<string, string>[]; consistency: Record<string, string>[] };

/** As long as a hash, where the published cases have fewer bytes: the length is not what is refused. */
const GARBAGE = utf8('a hash that is nowhere in the tree').slice(0, 32);
const hash = (text: string | undefined) => parseBase64(text ?? '', 'vector');
const proofOf = ({ proof }: Record<string, unknown>) => (proof as string[]).map(hash);
const flipped = (bytes: Bytes, bit: number) =>
  Uint8Array.from(bytes, (byte, i) => (i === 0 ? byte ^ (1 << bit) : byte));

function proofDefects(
  proof: readonly Bytes[],
  roots: Record<string, Bytes>,
  bit: number,
): Record<string, { readonly proof: readonly Bytes[] }> {
  const modified = proof.map((_, k) => [
    `modified-proof[${k}]-bit-${bit}`,
    proof.map((h, i) => (i === k ? flipped(h, bit) : h)),
  ]);
  const around = Object.entries(roots).flatMap(([name, root]) => [
    [`preceding-${name}`, [root, ...proof]],
    [`trailing-${name}`, [...proof, root]],
  ]);
  const proofs: Record<string, readonly Bytes[]> = {
    'empty-proof': [],
    'truncated-proof': proof.slice(0, -1),
    'removed-component': proof.slice(1),
    'preceding-garbage': [GARBAGE, ...proof],
    'trailing-garbage': [...proof, GARBAGE],
    'preceding-proof[0]': [proof[0]!, ...proof],
    'inserted-component': [...proof.slice(0, 1), GARBAGE, ...proof.slice(1)],
    ...(Object.fromEntries([...modified, ...around]) as Record<string, Bytes[]>),
  };
  return Object.fromEntries(Object.entries(proofs).map(([name, changed]) => [name, { proof: changed }]));
}

function withDefects<Claim extends object>(
  good: Claim,
  defects: Record<string, Partial<Claim>>,
): Record<string, Claim> {
  return Object.fromEntries(Object.entries(defects).map(([name, defect]) => [name, { ...good, ...defect }]));
}

export const REBUILT_INCLUSIONS: readonly RebuiltProof<InclusionClaim>[] = inclusion.map((vector, i) => {
  const [index, size] = [BigInt(vector['leafIdx']!), BigInt(vector['treeSize']!)];
  const [root, leafHash] = [hash(vector['root']), hash(vector['leafHash'])];
  const good = { index, size, root, leafHash, proof: proofOf(vector) };
  const bad = withDefects<InclusionClaim>(good, {
    'leafIdx---1': { index: index - 1n },
    'leafIdx-+-1': { index: index + 1n },
    'leafIdx-^-2': { index: index ^ 2n },
    'leafIdx-+-2^53': { index: index + (1n << 53n) },
    'treeSize-*-2': { size: size * 2n },
    'treeSize-div-2': { size: size / 2n },
    'treeSize-+-2^53': { size: size + (1n << 53n) },
    'wrong-leaf': { leafHash: GARBAGE },
    'empty-root': { root: EMPTY_ROOT },
    'random-root': { root: GARBAGE },
    ...proofDefects(good.proof, { root }, 3),
  });
  return { name: `inclusion/${i + 1}`, good, bad };
});

export const REBUILT_CONSISTENCIES: readonly RebuiltProof<ConsistencyClaim>[] = consistency.map(
  (vector, i) => {
    const [oldSize, newSize] = [BigInt(vector['size1']!), BigInt(vector['size2']!)];
    const [oldRoot, newRoot] = [hash(vector['root1']), hash(vector['root2'])];
    const good = { oldSize, newSize, oldRoot, newRoot, proof: proofOf(vector) };
    const bad = withDefects<ConsistencyClaim>(good, {
      'size1---1': { oldSize: oldSize - 1n },
      'size1-+-1': { oldSize: oldSize + 1n },
      'size1-^-2': { oldSize: oldSize ^ 2n },
      'size1-+-2^53': { oldSize: oldSize + (1n << 53n) },
      'size2-*-2': { newSize: newSize * 2n },
      'size2-div-2': { newSize: newSize / 2n },
      'size2-+-2^53': { newSize: newSize + (1n << 53n) },
      'wrong-root1': { oldRoot: GARBAGE },
      'wrong-root2': { newRoot: GARBAGE },
      'swapped-roots': { oldRoot: newRoot, newRoot: oldRoot },
      ...proofDefects(good.proof, { root1: oldRoot, root2: newRoot }, 4),
    });
    return { name: `consistency/${i + 1}`, good, bad };
  },
);
