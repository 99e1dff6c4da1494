// Notes of when something was last used: no reason to turn anybody away when the disk is full.
import { Refusal } from '@blindsum/proto';

/** Makes the note, or goes without it if there is no room. */
export async function noteUse(note: () => Promise<void>): Promise<void> {
  try {
    await note();
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'QUOTA_EXCEEDED') throw error;
  }
}
