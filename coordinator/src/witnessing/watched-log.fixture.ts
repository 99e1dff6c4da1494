// A log of its charter and two records, watched by three members, of whom two are a quorum; a fourth is of no roster.
import { utf8, type Bytes } from '@blindsum/proto';
import { createEd25519Signer } from '@blindsum/proto/node';
import {
  encodeSignatureLines,
  memberWitnessKey,
  parseNote,
  signCosignature,
  toLogPolicy,
  type NoteSignature,
} from '@blindsum/proto/tlog';
import { createLogKeys } from '../log/log-keys.ts';
import { appendIncidents } from '../log/log-store.contract.ts';
import { createMemoryLogStore } from '../log/memory-log-store.ts';
import { openSequencer } from '../log/sequencer.ts';
import { MemoryCosignatureStore } from '../storage/memory-cosignature-store.ts';
import { CosignedCheckpoints } from './cosigned-checkpoints.ts';
import { createLogDocuments } from './log-documents.ts';

export const ORIGIN = 'log.example.org';

const keys = createLogKeys(ORIGIN, new Uint8Array(32).fill(7));
const signers = [1, 2, 3, 4].map((byte) => createEd25519Signer(new Uint8Array(32).fill(byte)));
const members = signers.map(({ publicKey }) => ({ signingKey: Buffer.from(publicKey).toString('hex') }));

/** The key of member 0..3. */
export const cosignerOf = (member: number) => memberWitnessKey(ORIGIN, members[member]!);

/** The line of member 0..3 about a checkpoint. */
export function cosign(note: Bytes, member: number, seconds = 1_700_000_000): NoteSignature {
  const cosigned = { text: parseNote(note).text, timeSeconds: BigInt(seconds) };
  return signCosignature(cosigned, cosignerOf(member), signers[member]!.sign);
}

export const toLines = (...all: NoteSignature[]) => utf8(encodeSignatureLines(all));

export async function createWatchedLog() {
  const stored = new Map<string, Bytes>();
  const files = createMemoryLogStore(stored);
  const log = await openSequencer(files, keys);
  await appendIncidents(log, 1, 2);
  const store = new MemoryCosignatureStore();
  const logKey = keys.checkpoint.key;
  const rule = { members: 2, standAlone: [], standAloneQuorum: 0 };
  const policy = async () => toLogPolicy({ logKey, members: members.slice(0, 3), rule });
  const open = () => new CosignedCheckpoints({ store, files, logKey, policy });
  const checkpoints = open();
  const openDocument = createLogDocuments({ log, files, logKey, checkpoints, policy });
  return { log, logKey, stored, files, store, checkpoints, open, openDocument };
}
