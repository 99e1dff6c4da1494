// Fetches the sum and checks it before anything depends on it: its parts against the announced root, and all of it against
// the contributors' checksums (PROTOCOL.md section 5, "checksum"). A contribution that is missing or counted twice shows here.
import {
  CHUNK_BYTES,
  parseChecksumValue,
  Refusal,
  verifyChecksum,
  type ChecksumStatement,
} from '@blindsum/proto';
import type { CiphertextFile } from '../encryption/ciphertext-file.ts';
import type { Session } from '../session-context.ts';
import type { SummedRound } from '../session/step.ts';

/**
 * The checked sum on disk. Refuses PART_BAD_LENGTH, PART_OUT_OF_RANGE or ROOT_MISMATCH for another file than the announced
 * one, which is then fetched anew by the next call, and BAD_CHECKSUM for a sum that is not that of the set.
 */
export async function checkSum(
  session: Session,
  summed: SummedRound,
  checksums: readonly ChecksumStatement[],
): Promise<CiphertextFile> {
  const { files, memory, transfers } = session;
  const { round, sumRoot } = summed;
  const file = { path: files.path(round.ref, 'sum'), chunks: round.layout.chunks, root: sumRoot };
  const bytes = file.chunks * CHUNK_BYTES;
  await transfers.download(round.ref, { kind: 'sum' }, { path: file.path, bytes });
  if (memory.checkedSum === sumRoot) return file;
  const total = await checksumOf(session, summed, file);
  total.forEach((value, repetition) =>
    verifyChecksum(
      checksums.map((statement) => parseChecksumValue(statement.values[repetition]!)),
      parseChecksumValue(value),
    ),
  );
  memory.checkedSum = sumRoot;
  return file;
}

async function checksumOf(session: Session, { round, set, sumRoot }: SummedRound, file: CiphertextFile) {
  const { encryptor, files } = session;
  try {
    return await encryptor.checksum({ context: round.context, setRoot: set.root, sumRoot, file });
  } catch (error) {
    if (error instanceof Refusal) files.remove(file.path);
    throw error;
  }
}
