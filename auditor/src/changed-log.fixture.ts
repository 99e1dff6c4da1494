// What an auditor finds in logs that are the sample's but for some records.
import { type Bytes } from '@blindsum/proto';
import type { LogRecord, Predicate } from '@blindsum/proto/tlog';
import { fsck } from './fsck.ts';
import { createMapReader, sampleRecords, VKEY } from './sample-log.fixture.ts';

export const RECORDS = sampleRecords();

export async function messagesOf(files: Map<string, Bytes>): Promise<string[]> {
  const { findings } = await fsck(createMapReader(files), VKEY);
  return findings.map(({ code, entry, message }) => `entry ${entry}: ${message} (${code})`);
}

/** The sample with one predicate changed. */
export function changed<K extends LogRecord['kind']>(
  entry: number,
  _: K,
  change: (p: Predicate<K>) => Partial<Predicate<K>>,
): LogRecord[] {
  return RECORDS.map((record, i) => {
    const predicate = record.predicate as Predicate<K>;
    return i === entry
      ? ({ kind: record.kind, predicate: { ...predicate, ...change(predicate) } } as LogRecord)
      : record;
  });
}
