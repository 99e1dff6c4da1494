// The file that says in the archive whose ciphertext is whose, for auditors who know members by pseudonym.
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ARCHIVE_MEMBERS_FILE, encodeArchiveMembers, isEqualBytes, type Member } from '@blindsum/proto';
import { replaceDurably } from './log/durable-file.ts';

/** Told of all members of all rosters, at each start and whenever a roster is adopted. */
export interface ArchiveNames {
  write(members: readonly Member[]): Promise<void>;
}

/** In the folder of the archive. */
export function createArchiveNames(folder: string): ArchiveNames {
  const path = join(folder, ARCHIVE_MEMBERS_FILE);
  return {
    async write(members) {
      const bytes = encodeArchiveMembers(members);
      // A disk that is full keeps nobody from starting.
      const found = await readFile(path).catch(() => undefined);
      if (found && isEqualBytes(found, bytes)) return;
      await mkdir(folder, { recursive: true });
      await replaceDurably({ path, bytes, temporaryFolder: folder });
    },
  };
}
