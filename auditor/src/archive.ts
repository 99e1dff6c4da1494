// The ciphertexts that a coordinator keeps: <folder>/<job>/<round>-<attempt>/<site>.ciphertext, and in <folder>/members.json which
// site is which member of the log. Each file has a page that says how
// many bytes follow, then the bytes: 'bs-blob1' and the count as 64-bit little-endian words, the rest of the page unused.
import { open, readdir, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ARCHIVE_MEMBERS_FILE,
  parseArchiveMembers,
  Refusal,
  refuseUnless,
  type ArchiveMembers,
  type Bytes,
  type JobId,
  type SiteId,
} from '@blindsum/proto';

const HEADER_BYTES = 4096;
const MAGIC = 0x31_62_6f_6c_62_2d_73_62n;

/** Whose ciphertext, of which attempt of which round. */
export interface CiphertextName {
  readonly job: JobId;
  readonly round: number;
  readonly attempt: number;
  readonly site: SiteId;
}

/** The names that the archive gives to members; none without the file that says them. Refuses MALFORMED, UNAVAILABLE. */
export async function readArchiveMembers(folder: string): Promise<ArchiveMembers> {
  const path = join(folder, ARCHIVE_MEMBERS_FILE);
  try {
    return parseArchiveMembers(await readFile(path));
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return new Map();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Refusal('UNAVAILABLE', `cannot read ${path}: ${reason}`, { cause });
  }
}

/** One ciphertext on disk. Nothing in it is trusted. */
export interface ArchivedCiphertext {
  readonly path: string;
  /** Bytes that it says it has. Refuses UNAVAILABLE when there is no such file, MALFORMED when it is none of an archive. */
  size(): Promise<number>;
  /** Fills `target` with the bytes from `offset`. Refuses UNAVAILABLE, or PART_BAD_LENGTH when the file ends before. */
  readInto(offset: number, target: Bytes): Promise<void>;
}

/** The ciphertext of that name in the archive `folder`, which need not be there. */
export function createArchivedCiphertext(folder: string, name: CiphertextName): ArchivedCiphertext {
  const path = join(folder, name.job, `${name.round}-${name.attempt}`, `${name.site}.ciphertext`);
  return {
    path,
    size: () => withFile(path, (file) => readSize(file)),
    readInto: (offset, target) => withFile(path, (file) => readFully(file, target, HEADER_BYTES + offset)),
  };
}

/** That of a member whose name the archive does not say: everything about it is refused, UNAVAILABLE. */
export function createNamelessCiphertext(folder: string): ArchivedCiphertext {
  const path = join(folder, ARCHIVE_MEMBERS_FILE);
  const refuse = () =>
    Promise.reject(new Refusal('UNAVAILABLE', `${path} does not say which site this member is`));
  return { path, size: refuse, readInto: refuse };
}

/**
 * True if the archive has the attempt's folder and no ciphertext in it, as a coordinator leaves it whose retention rule has removed
 * them. Where some are there, or no folder is, something is missing that should be there.
 */
export async function isCleared(
  folder: string,
  { job, round, attempt }: Omit<CiphertextName, 'site'>,
): Promise<boolean> {
  try {
    const files = await readdir(join(folder, job, `${round}-${attempt}`));
    return !files.some((file) => file.endsWith('.ciphertext'));
  } catch {
    return false;
  }
}

/** Opened anew for each part: the archive of a round may have more files than a process may open. */
async function withFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    return await use(file);
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    const isAbsent = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    const reason = isAbsent
      ? 'there is no such file'
      : cause instanceof Error
        ? cause.message
        : String(cause);
    throw new Refusal('UNAVAILABLE', `cannot read ${path}: ${reason}`, { cause });
  } finally {
    await file?.close();
  }
}

async function readSize(file: FileHandle): Promise<number> {
  const header = new DataView(new ArrayBuffer(16));
  await readFully(file, new Uint8Array(header.buffer), 0);
  refuseUnless(header.getBigUint64(0, true) === MAGIC, 'MALFORMED', 'it is not a file of an archive');
  return Number(header.getBigUint64(8, true));
}

async function readFully(file: FileHandle, target: Bytes, position: number): Promise<void> {
  for (let filled = 0; filled < target.length;) {
    const { bytesRead } = await file.read(target, filled, target.length - filled, position + filled);
    refuseUnless(bytesRead > 0, 'PART_BAD_LENGTH', `the file ends at byte ${position + filled}`);
    filled += bytesRead;
  }
}
