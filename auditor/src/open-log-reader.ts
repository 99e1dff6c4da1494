import { openFolderLogReader } from './folder-log-reader.ts';
import { openHttpLogReader } from './http-log-reader.ts';
import type { LogReader } from './log-reader.ts';

/** A log by its address (http:// or https://) or by its folder. Refuses UNAVAILABLE for a folder that is not there. */
export async function openLogReader(source: string): Promise<LogReader> {
  return /^https?:\/\//i.test(source) ? openHttpLogReader(source) : openFolderLogReader(source);
}
