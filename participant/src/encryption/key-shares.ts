// Shares of one-time keys, dealt, opened and summed (PROTOCOL.md sections 4 and 5).
import { randomBytes } from 'node:crypto';
import {
  concat,
  encodeShare,
  keySumCandidates,
  open,
  parseShare,
  Refusal,
  seal,
  SEAL_RANDOM_BYTES,
  shareAssociatedData,
  splitKey,
  sumShares,
  toDigestBytes,
  toHex,
  type Bytes,
  type Digest,
  type KeyShare,
  type KeySumCandidate,
  type SealBinding,
} from '@blindsum/proto';
import { hashLeaf, nodeCiphers } from '@blindsum/proto/node';
import { merkleRoot, verifyInclusion } from '@blindsum/proto/tlog';

/** The roster as sharing sees it. */
export interface SharingRoster {
  /** X-Wing public keys in roster order. */
  readonly sharingKeys: readonly Bytes[];
  /** This site's index, 1..n. */
  readonly ownIndex: number;
}

/** Records of one length, one for each roster member in order, and the RFC 6962 root over them. */
export interface SealedBundle {
  readonly bytes: Bytes;
  readonly root: Digest;
}

export interface DealingTask extends SharingRoster {
  readonly context: Digest;
  readonly threshold: number;
  readonly ciphertextRoot: Digest;
}

/** A record addressed to this site, with the proof that it is in the bundle whose root its sender signed. */
export interface ReceivedRecord {
  /** Roster index of the sender. */
  readonly from: number;
  /** The signed root over the sender's records. */
  readonly bundleRoot: Digest;
  readonly sealed: Bytes;
  readonly proof: readonly Bytes[];
}

export interface DealtShare extends ReceivedRecord {
  /** Of the sender's commitment. */
  readonly ciphertextRoot: Digest;
}

/** This site as a recipient. */
export interface Recipient {
  readonly context: Digest;
  readonly ownIndex: number;
  /** Roster size. */
  readonly sites: number;
  /** X-Wing secret key. */
  readonly secretKey: Bytes;
}

export interface ShareOpeningTask extends Recipient {
  /** One for each member of the contributor set. */
  readonly shares: readonly DealtShare[];
}

export interface OpenedShares {
  /** Roster indexes of the dealers whose share does not open: the complaint. */
  readonly badDealers: readonly number[];
  /** The sum of this site's shares; absent if any is bad. */
  readonly sum?: KeyShare;
}

export interface OpeningTask extends SharingRoster {
  readonly context: Digest;
  readonly setRoot: Digest;
  readonly sum: KeyShare;
}

export interface ReconstructionTask extends Recipient {
  readonly setRoot: Digest;
  readonly threshold: number;
  /** |U| */
  readonly contributors: number;
  readonly openings: readonly ReceivedRecord[];
}

export interface ReconstructedKey {
  /** At least one; which it is, decryption shows. `wrong` are roster indexes. */
  readonly candidates: readonly KeySumCandidate[];
  /** Roster indexes of the sites whose opening does not open for this one. */
  readonly badOpeners: readonly number[];
}

/** Splits a one-time key and seals each member's share, bound to the ciphertext that the key encrypts. */
export function dealShares(coefficients: Int8Array, task: DealingTask): SealedBundle {
  const { context, threshold, ciphertextRoot, sharingKeys } = task;
  const shares = splitKey({ coefficients, threshold, sites: sharingKeys.length, random: randomBytes });
  const plaintexts = shares.map(encodeShare);
  const bundle = sealBundle(task, plaintexts, { purpose: 'share', context, root: ciphertextRoot });
  for (const secret of [...shares, ...plaintexts]) secret.fill(0);
  return bundle;
}

/**
 * Opens the shares addressed to this site. Names the dealers whose record is in their bundle but does not open. Refuses
 * BAD_PROOF a record that is not in the bundle its dealer signed: that is whoever delivered it, not the dealer.
 */
export function openShares(task: ShareOpeningTask): OpenedShares {
  const opened = task.shares.map((share) =>
    openRecord(task, share, { purpose: 'share', context: task.context, root: share.ciphertextRoot }),
  );
  const shares = opened.filter((share) => share !== undefined);
  const badDealers = task.shares.filter((_, i) => opened[i] === undefined).map(({ from }) => from);
  const result = badDealers.length > 0 ? { badDealers } : { badDealers, sum: sumShares(shares) };
  for (const share of shares) share.fill(0);
  return result;
}

/** Seals this site's share of the key sum for each member, bound to the opened set. */
export function sealOpening(task: OpeningTask): SealedBundle {
  const plaintext = encodeShare(task.sum);
  const plaintexts = task.sharingKeys.map(() => plaintext);
  return sealBundle(task, plaintexts, { purpose: 'opening', context: task.context, root: task.setRoot });
}

/**
 * What the key sum can be, from the openings addressed to this site; those that do not open are named and left out. Refuses
 * BAD_PROOF, TOO_FEW_SHARES, INCONSISTENT_SHARES and BAD_SHARE (keySumCandidates).
 */
export function reconstructKey(task: ReconstructionTask): ReconstructedKey {
  const shares = new Map<number, KeyShare>();
  const badOpeners: number[] = [];
  try {
    for (const opening of task.openings) {
      const binding = { purpose: 'opening', context: task.context, root: task.setRoot } as const;
      const share = openRecord(task, opening, binding);
      if (share === undefined) badOpeners.push(opening.from);
      else shares.set(opening.from, share);
    }
    const { threshold, contributors: bound } = task;
    return { candidates: keySumCandidates({ shares, threshold, bound }), badOpeners };
  } finally {
    for (const share of shares.values()) share.fill(0);
  }
}

/** What a bundle's records are bound to, apart from their ends. */
interface BundleBinding {
  readonly purpose: SealBinding['purpose'];
  readonly context: Digest;
  readonly root: Digest;
}

function sealBundle(
  { sharingKeys, ownIndex }: SharingRoster,
  plaintexts: readonly Bytes[],
  binding: BundleBinding,
): SealedBundle {
  const records = sharingKeys.map((recipient, i) =>
    seal(
      {
        recipient,
        plaintext: plaintexts[i]!,
        associatedData: associatedData(binding, ownIndex, i + 1),
        random: randomBytes(SEAL_RANDOM_BYTES),
      },
      nodeCiphers,
    ),
  );
  return { bytes: concat(...records), root: toHex(merkleRoot(records.map(hashLeaf))) as Digest };
}

/** The share in a record, or undefined if the record does not open to one. */
function openRecord(
  { ownIndex, sites, secretKey }: Recipient,
  { from, bundleRoot, sealed, proof }: ReceivedRecord,
  binding: BundleBinding,
): KeyShare | undefined {
  verifyInclusion({
    index: BigInt(ownIndex - 1),
    size: BigInt(sites),
    leafHash: hashLeaf(sealed),
    proof,
    root: toDigestBytes(bundleRoot),
  });
  try {
    const bound = associatedData(binding, from, ownIndex);
    const plaintext = open({ secretKey, sealed, associatedData: bound }, nodeCiphers);
    const share = parseShare(plaintext);
    plaintext.fill(0);
    return share;
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

function associatedData({ purpose, context, root }: BundleBinding, dealer: number, recipient: number): Bytes {
  const binding = { purpose, dealer, recipient, context: toDigestBytes(context) };
  return shareAssociatedData({ ...binding, ciphertextRoot: toDigestBytes(root) });
}
